package org.autotls.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.acme.AcmeAccount;
import org.autotls.acme.CaView;

/**
 * How one CA stands. Immutable.
 *
 * @param view what the CA shows; empty if it could not be looked at
 * @param account the URL of our account; empty if there is none
 * @param findings at least one
 */
record IssuerExamination(Optional<CaView> view, String account, List<Finding> findings) {

    private static final String DIRECTORY = "directory";

    IssuerExamination {
        findings = List.copyOf(findings);
    }

    /** Looks; completes with findings whatever goes wrong. */
    static CompletionStage<IssuerExamination> of(Intent.At at, Intent intent, List<Identifier> identifiers) {
        return at.inspection()
                .look()
                .thenCompose(view -> at.inspection()
                        .account()
                        .handle((account, failure) -> judge(view, account, failure, at, intent, identifiers)))
                .exceptionally(failure -> unreachable(at, failure));
    }

    private static IssuerExamination judge(
            CaView view,
            Optional<AcmeAccount.Details> account,
            Throwable failure,
            Intent.At at,
            Intent intent,
            List<Identifier> identifiers) {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(DIRECTORY, at.directory().toString(), "the CA answers"));
        findings.add(ClockCheck.judge(view));
        findings.add(AccountCheck.terms(view, intent));
        if (failure == null) {
            findings.addAll(AccountCheck.judge(view, account, intent, at.bound()));
        } else {
            findings.add(AccountCheck.judge(view, cause(failure)));
        }
        findings.add(ProfileCheck.judge(view, intent, identifiers));
        String url = failure == null
                ? account.map(details -> details.url().toString()).orElse("")
                : "";
        return new IssuerExamination(Optional.of(view), url, findings);
    }

    private static IssuerExamination unreachable(Intent.At at, Throwable thrown) {
        RuntimeException failure = cause(thrown);
        boolean network = failure instanceof IssueException issue && issue.kind() == IssueException.Kind.NETWORK;
        Finding finding = Finding.problem(
                DIRECTORY,
                at.directory().toString(),
                String.valueOf(failure.getMessage()),
                network
                        ? "see that this machine may connect there (DNS, firewall, proxy), and that its clock is right"
                        : "see that this is the URL of an ACME directory; 'autotls issue --help' has names for well-known CAs");
        return new IssuerExamination(Optional.empty(), "", List.of(finding));
    }

    private static RuntimeException cause(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    /** May the CA issue for a name; empty if it could not be looked at, which is told already. */
    Optional<Finding> caa(Identifier identifier, CaaSearch search, String method) {
        return view.map(ca -> CaaCheck.judge(
                identifier,
                search,
                new CaaCheck.Applicant(ca.directory().toString(), ca.caaIdentities(), account, method)));
    }
}
