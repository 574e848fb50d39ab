package org.autotls.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.autotls.AutoTlsBuilder;
import org.autotls.ExternalAccount;
import org.autotls.RateLimit;
import org.autotls.Text;
import org.autotls.acme.AcmeDirectories;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which CAs are asked, as whom, and for what kind of certificate; a part of {@link CaOptions}. */
final class IssuerOptions {

    private static final long MAX_KEY_FILE = 1 << 16;

    /** The names of the table of CAs, for help and completion. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return AcmeDirectories.ALL.stream().map(AcmeDirectories.Ca::name).iterator();
        }
    }

    @Option(
            names = "--issuer",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description =
                    "Order from this CA: ${COMPLETION-CANDIDATES}. Given several times, they are tried in turn when one"
                            + " fails for reasons of its own; after the CA that the endpoint or --acme names, if any does.")
    private List<String> issuers = List.of();

    @Option(
            names = "--eab-kid",
            paramLabel = "[ISSUER=]KID",
            description =
                    "Key identifier of the account that the CA gave you, where it requires one. With ISSUER= in front"
                            + " it is for that one of several issuers.")
    private List<String> keyIds = List.of();

    @Option(
            names = "--eab-key-file",
            paramLabel = "[ISSUER=]FILE",
            description = "File with the MAC key (base64url) that belongs to --eab-kid.")
    private List<String> keyFiles = List.of();

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "Prefer this certificate profile of the CA. Default: none; shortlived for IP addresses.")
    private @Nullable String profile;

    @Option(
            names = "--required-profile",
            paramLabel = "NAME",
            description = "The same, but order nothing from a CA that does not offer it.")
    private @Nullable String requiredProfile;

    @Option(
            names = "--preferred-chain",
            paramLabel = "ROOT",
            description = "Where the CA offers several chains, take the one to the root of this common name.")
    private @Nullable String preferredChain;

    @Option(
            names = "--order-limit",
            paramLabel = "COUNT/PERIOD",
            description =
                    "How many orders an account may place at a CA, such as 3000/3h (s, m, h, d), or none. What is over it"
                            + " waits, the most urgent goes first. Default: what the CA publishes; 300/3h for the other CAs of --issuer; none at any other URL.")
    private @Nullable String orderLimit;

    @Option(
            names = "--domain-limit",
            paramLabel = "COUNT/PERIOD",
            description =
                    "How many certificates a CA issues below one registered domain, such as 500/7d, or none. Default: what the CA"
                            + " publishes; none if it publishes nothing.")
    private @Nullable String domainLimit;

    @ArgGroup(exclusive = true)
    private @Nullable Staging staging;

    /** Whether, and where, names that fail again and again are tried first. */
    static final class Staging {

        @Option(
                names = "--staging-acme",
                paramLabel = "URL",
                required = true,
                description =
                        "Where a name that was refused three times in a row is tried before the CA itself, by the URL of"
                                + " a directory. Default: the CA's staging CA, if it has one.")
        private @Nullable URI directory;

        @Option(names = "--no-staging", required = true, description = "Try each name at the CA itself each time.")
        private boolean none;
    }

    /**
     * Passes the options on.
     *
     * @throws CommandFailure if a file cannot be read, or options do not belong together
     * @throws IllegalArgumentException if an issuer or a key is none
     */
    AutoTlsBuilder apply(AutoTlsBuilder builder) {
        if (!issuers.isEmpty()) {
            builder.issuers(issuers.toArray(String[]::new));
        }
        externalAccounts().forEach((issuer, account) -> {
            if (issuer.isEmpty()) {
                builder.externalAccount(account);
            } else {
                builder.externalAccount(AcmeDirectories.named(issuer).directory(), account);
            }
        });
        if (profile != null && requiredProfile != null) {
            throw new CommandFailure(ExitCode.USAGE, "--profile and --required-profile: expected only one of them");
        }
        if (profile != null) {
            builder.profile(profile);
        }
        if (requiredProfile != null) {
            builder.requiredProfile(requiredProfile);
        }
        if (preferredChain != null) {
            builder.preferredChain(preferredChain);
        }
        if (orderLimit != null) {
            builder.orderLimit(RateLimit.parse(orderLimit));
        }
        if (domainLimit != null) {
            builder.domainLimit(RateLimit.parse(domainLimit));
        }
        if (staging != null && staging.directory != null) {
            builder.dryRunsAt(staging.directory);
        } else if (staging != null && staging.none) {
            builder.noDryRuns();
        }
        return builder;
    }

    private Map<String, ExternalAccount> externalAccounts() {
        Map<String, String> kids = byIssuer("--eab-kid", keyIds);
        Map<String, String> files = byIssuer("--eab-key-file", keyFiles);
        if (!kids.keySet().equals(files.keySet())) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--eab-kid and --eab-key-file belong together: expected both for the same issuers");
        }
        Map<String, ExternalAccount> accounts = new LinkedHashMap<>();
        kids.forEach((issuer, kid) ->
                accounts.put(issuer, ExternalAccount.of(kid, read(requireNonNull(files.get(issuer))))));
        return accounts;
    }

    /** What stands in front of {@code =} counts only if it is the name of a CA: identifiers and files may have one, too. */
    private static Map<String, String> byIssuer(String option, List<String> values) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String value : values) {
            int equals = value.indexOf('=');
            boolean named = equals > 0
                    && AcmeDirectories.find(value.substring(0, equals)).isPresent();
            String issuer = named ? value.substring(0, equals) : "";
            if (all.putIfAbsent(issuer, named ? value.substring(equals + 1) : value) != null) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        option + " twice" + (issuer.isEmpty() ? "" : " for " + issuer)
                                + ": expected ISSUER= in front, once for each issuer");
            }
        }
        return all;
    }

    private static String read(String name) {
        Path file = Path.of(name);
        try {
            if (Files.size(file) > MAX_KEY_FILE) {
                throw new CommandFailure(
                        ExitCode.USAGE, "--eab-key-file " + Text.escape(name) + ": too long for a MAC key");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY, "--eab-key-file " + Text.escape(name) + " is missing or cannot be read", e);
        }
    }

    /** The table of CAs as it stands in {@code docs/operations.md}. */
    static String markdown() {
        StringBuilder table = new StringBuilder("| name | CA | needs |\n|---|---|---|\n");
        for (AcmeDirectories.Ca ca : AcmeDirectories.ALL) {
            String needs = ca.externalAccount() ? "`--eab-kid`, `--eab-key-file`" : "";
            String note = needs.isEmpty() || ca.note().isEmpty() ? ca.note() : "; " + ca.note();
            table.append("| `")
                    .append(ca.name())
                    .append("` | ")
                    .append(ca.title())
                    .append(" | ");
            table.append(needs).append(note).append(" |\n");
        }
        return table.toString();
    }
}
