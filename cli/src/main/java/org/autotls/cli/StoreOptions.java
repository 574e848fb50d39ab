package org.autotls.cli;

import java.net.URI;
import java.nio.file.Path;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where certificates are kept and who issues them, for the commands that take no endpoint string. */
final class StoreOptions {

    @Option(
            names = "--certs",
            paramLabel = "DIR",
            required = true,
            description = "The certificate directory: one NAME.pem for each certificate.")
    private Path directory = Path.of("");

    @ArgGroup(exclusive = true)
    private Choice choice = new Choice();

    /** Who issues. */
    static final class Choice {

        @Option(
                names = "--acme",
                paramLabel = "URL",
                description = "Order from this ACME CA (the URL of its directory). Default: Let's Encrypt.")
        private @Nullable URI acme;

        @Option(names = "--staging", description = "Order from Let's Encrypt's staging CA, which no browser trusts.")
        private boolean staging;

        @Option(names = "--local", description = "Issue from a private CA kept in DIR.")
        private boolean local;
    }

    /** Tells whether the embedded CA issues: then no challenge is asked and no port is needed. */
    boolean isLocal() {
        return choice.local;
    }

    /** Makes a builder with these settings. */
    AutoTlsBuilder builder() {
        AutoTlsBuilder builder = AutoTls.at(directory);
        if (choice.local) {
            return builder.local();
        }
        if (choice.staging) {
            return builder.letsEncryptStaging();
        }
        return choice.acme == null ? builder.letsEncrypt() : builder.acme(choice.acme);
    }
}
