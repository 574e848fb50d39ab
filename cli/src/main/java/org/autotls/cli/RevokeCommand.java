package org.autotls.cli;

import java.security.PublicKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.autotls.CertificateBundle;
import org.autotls.StoredBundle;
import org.autotls.Subject;
import org.autotls.acme.RevocationReason;
import org.autotls.store.DirectoryStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code autotls revoke}: has the CA withdraw certificates. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Revoke the stored certificates of names; where a name has two, with different keys, both, unless NAME:rsa or"
                    + " NAME:ecdsa names the second.",
            "",
            "Signed by the account, or, if that has not ordered the certificate, by the certificate's own key. After"
                    + " keyCompromise the entry is emptied, so that what runs on the directory orders a certificate with a new"
                    + " key; otherwise it stays: remove or renew it.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls revoke www.example.com --certs /srv/certs --reason keyCompromise",
            "  autotls revoke www.example.com --certs /srv/certs && autotls names remove www.example.com --certs"
                    + " /srv/certs"
        })
final class RevokeCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "NAME",
            arity = "1..*",
            description = "The names of entries, as 'autotls status' shows them.")
    private List<String> names = List.of();

    @Option(
            names = "--reason",
            paramLabel = "REASON",
            completionCandidates = Candidates.Reasons.class,
            description = "unspecified (default), keyCompromise, affiliationChanged, superseded, cessationOfOperation.")
    private String reason = RevocationReason.UNSPECIFIED.toString();

    @Mixin
    private AcmeAccountOptions account = new AcmeAccountOptions();

    @Override
    public Integer call() {
        RevocationReason why = RevocationReason.parse(reason);
        List<Subject> subjects =
                names.stream().map(NameArguments::subject).distinct().toList();
        DirectoryStore store = account.store();
        Map<Subject, CertificateBundle> bundles = new LinkedHashMap<>();
        for (Subject subject : subjects) {
            bundles.put(subject, bundle(store, subject));
            subject.alternates()
                    .forEach(alternate -> find(store, alternate).ifPresent(bundle -> bundles.put(alternate, bundle)));
        }
        bundles.forEach((subject, bundle) -> revoke(store, subject, bundle, why));
        return ExitCode.OK.code();
    }

    private void revoke(DirectoryStore store, Subject subject, CertificateBundle bundle, RevocationReason why) {
        boolean now = account.with(store, at -> at.revoke(bundle.leaf(), bundle.privateKey(), why));
        String entry = "";
        if (why == RevocationReason.KEY_COMPROMISE) {
            entry = empty(store, subject, bundle.leaf().getPublicKey())
                    ? "; its entry is empty now: what runs on the directory, or 'autotls renew', orders a certificate with a"
                            + " new key"
                    : "; its entry has another key by now, and stays";
        }
        spec.commandLine()
                .getOut()
                .println((now ? "revoked " : "was revoked before: ") + subject + ", serial " + bundle.serial() + entry);
    }

    /** Whoever renewed it while it was revoked made a new key, which is good. */
    private static boolean empty(DirectoryStore store, Subject subject, PublicKey compromised) {
        while (true) {
            Optional<StoredBundle> present = store.find(subject);
            Optional<CertificateBundle> bundle = present.flatMap(StoredBundle::bundle);
            if (bundle.isPresent() && !bundle.get().leaf().getPublicKey().equals(compromised)) {
                return false;
            }
            if (bundle.isEmpty() || store.empty(subject, present.get().revision())) {
                return true;
            }
        }
    }

    private static CertificateBundle bundle(DirectoryStore store, Subject subject) {
        return find(store, subject)
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.DIRECTORY, "there is no certificate for " + subject + "; nothing is revoked"));
    }

    private static Optional<CertificateBundle> find(DirectoryStore store, Subject subject) {
        return store.find(subject).flatMap(StoredBundle::bundle);
    }
}
