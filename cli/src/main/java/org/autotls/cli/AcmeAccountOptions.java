package org.autotls.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.autotls.IssueException;
import org.autotls.Scheduler;
import org.autotls.Text;
import org.autotls.acme.AcmeAccount;
import org.autotls.acme.AcmeDirectories;
import org.autotls.acme.AcmeIssuer;
import org.autotls.acme.AcmeIssuerBuilder;
import org.autotls.store.DirectoryStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Whose account at which CA; options of the commands that deal with the account itself. */
final class AcmeAccountOptions {

    @Option(
            names = "--certs",
            paramLabel = "DIR",
            required = true,
            description = "The certificate directory; the account key is in it.")
    private Path directory = Path.of("");

    @ArgGroup(exclusive = true)
    private Choice choice = new Choice();

    @Option(
            names = "--acme-root",
            paramLabel = "FILE",
            description = "Trust this root (PEM) for the CA's own https, besides those of the JDK.")
    private @Nullable Path acmeRoot;

    /** Which CA. */
    static final class Choice {

        @Option(
                names = "--acme",
                paramLabel = "URL",
                description = "The CA, by the URL of its directory. Default: Let's Encrypt.")
        private @Nullable URI acme;

        @Option(names = "--staging", description = "Let's Encrypt's staging CA.")
        private boolean staging;

        @Option(
                names = "--issuer",
                paramLabel = "NAME",
                completionCandidates = IssuerOptions.Names.class,
                description = "The CA, by its name: ${COMPLETION-CANDIDATES}.")
        private @Nullable String issuer;

        URI url() {
            if (acme != null) {
                return acme;
            }
            if (issuer != null) {
                return AcmeDirectories.named(issuer).directory();
            }
            return staging ? AcmeDirectories.LETS_ENCRYPT_STAGING : AcmeDirectories.LETS_ENCRYPT;
        }
    }

    /** Opens the directory to write. */
    DirectoryStore store() {
        return DirectoryStore.open(directory, Scheduler.system());
    }

    /**
     * Does something with the account, and waits for it.
     *
     * @throws CommandFailure if the directory holds no account key: then there is no account, and none is made
     */
    <T> T with(DirectoryStore store, Function<AcmeAccount, CompletionStage<T>> use) {
        if (Files.notExists(store.directory().resolve("client.key"))) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY,
                    "there is no account key in " + Text.escape(directory.toString())
                            + "; one is made when a certificate is first ordered");
        }
        URI url = choice.url();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            AcmeIssuerBuilder builder =
                    AcmeIssuer.builder(url, store.accountKeys(url.toString()), Scheduler.system(), executor);
            if (acmeRoot != null) {
                trust(builder, acmeRoot);
            }
            return use.apply(builder.buildAccount()).toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IssueException refused && refused.kind() == IssueException.Kind.REFUSED) {
                throw new CommandFailure(ExitCode.CA, String.valueOf(refused.getMessage()), refused);
            }
            throw e.getCause() instanceof RuntimeException known ? known : e;
        } finally {
            executor.shutdownNow();
        }
    }

    private static void trust(AcmeIssuerBuilder builder, Path root) {
        try {
            builder.trustedRoots(root);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY,
                    "--acme-root " + Text.escape(root.toString()) + " is missing or holds no certificate",
                    e);
        }
    }
}
