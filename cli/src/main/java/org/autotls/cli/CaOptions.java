package org.autotls.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.autotls.AutoTlsBuilder;
import org.autotls.KeyAlgorithm;
import org.autotls.KeyType;
import org.autotls.Text;
import org.autotls.endpoint.EndpointException;
import org.autotls.endpoint.ListenAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How certificates are ordered; options of every command that orders some. */
final class CaOptions {

    @Option(
            names = "--agree-tos",
            description =
                    "Agree to the CA's terms of service; without it, nothing is ordered from a CA that has terms.")
    private boolean agreeToTerms;

    @Option(
            names = "--email",
            paramLabel = "ADDRESS",
            description = "Where the CA may write to when something is wrong.")
    private @Nullable String email;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description =
                    "Answer http-01 challenges on this port too (the CA asks on 80), and redirect all else there to"
                            + " https, on the port that serves. Default: none; the port that serves is enough"
                            + " (tls-alpn-01).")
    private @Nullable Integer httpPort;

    @Option(
            names = "--challenge",
            paramLabel = "CHALLENGE",
            description = {
                "How to prove a name, in the order of preference (repeatable). Default: tls-alpn-01, and http-01 with"
                        + " --http-port. A wildcard needs dns-01.",
                "tls-alpn-01",
                "http-01:PORT",
                "dns-01:rfc2136:server=HOST\\:PORT:key=NAME:secret-file=FILE [:algorithm=hmac-sha256]",
                "dns-01:exec:PROGRAM[:convention=lego|lego-raw|dehydrated|acme.sh]",
                "dns-01:cloudflare:token-file=FILE",
                "dns-01:digitalocean:token-file=FILE",
                "dns-01:hetzner:token-file=FILE",
                "dns-01:gcloud:service-account-file=FILE",
                "dns-01:route53[:credentials-file=FILE[:profile=NAME]]",
                "dns-01:acme-dns:server=URL[:store=DIR]",
                "All dns-01 take [:resolver=HOST\\:PORT] [:propagation=SECONDS].",
                "Preview: dns-account-01:… as dns-01:…, and dns-persist-01[:…]."
            })
    private List<String> challenges = List.of();

    @Option(
            names = "--key-type",
            paramLabel = "TYPE",
            completionCandidates = Candidates.KeyTypes.class,
            description =
                    "The key of new certificates: ec-p256 (default), ec-p384, rsa-2048, rsa-3072, rsa-4096. With two, such as"
                            + " ec-p256,rsa-2048, each name gets a certificate of each kind, and each client the one"
                            + " that it can use.")
    private List<String> keyTypes = List.of();

    @Option(
            names = "--acme-root",
            paramLabel = "FILE",
            description = "Trust this root (PEM) for the CA's own https, besides those of the JDK.")
    private @Nullable Path acmeRoot;

    @Mixin
    private IssuerOptions issuers = new IssuerOptions();

    /**
     * Tells whether challenges need a TLS port of their own.
     *
     * @throws org.autotls.endpoint.EndpointException if a challenge is not written as it should be
     */
    boolean needsTlsPort() {
        return challenges.isEmpty() ? httpPort == null : challenges().asksTls();
    }

    /** Returns of which algorithm the second certificate of each name is; empty if only one is asked for. */
    Optional<KeyAlgorithm> alternate() {
        return keyTypes().stream().skip(1).findFirst().map(KeyType::keyAlgorithm);
    }

    /**
     * Passes the options on.
     *
     * @throws CommandFailure if a value is out of range or the root cannot be read
     */
    AutoTlsBuilder apply(AutoTlsBuilder builder) {
        if (httpPort != null) {
            builder.httpPort(checkedPort(httpPort));
        }
        if (!challenges.isEmpty()) {
            challenges().apply(builder, httpPort != null);
        }
        if (!keyTypes.isEmpty()) {
            builder.keyTypes(keyTypes());
        }
        return applyToAsk(builder);
    }

    /**
     * Refuses what would fail later, before anything is opened.
     *
     * @param tls where TLS is to be spoken
     * @throws CommandFailure if that is the port for http-01, too, a challenge is not written as it should be, or the list
     *     of key types is none
     * @throws IllegalArgumentException if a key type is none
     */
    void check(ListenAddress tls) {
        keyTypes();
        checkHttpPort("--http-port ", httpPort == null ? OptionalInt.empty() : OptionalInt.of(httpPort), tls);
        checkHttpPort("--challenge http-01:", challenges().httpPort(), tls);
    }

    private static void checkHttpPort(String option, OptionalInt port, ListenAddress tls) {
        if (port.orElse(0) != 0 && tls instanceof ListenAddress.Tcp tcp && tcp.port() == port.getAsInt()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    option + port.getAsInt() + ": expected another port than that of --port, which speaks TLS");
        }
    }

    private List<KeyType> keyTypes() {
        return CommaList.of("--key-type", keyTypes, "key types such as ec-p256,rsa-2048").stream()
                .map(KeyType::parse)
                .toList();
    }

    /**
     * Passes on what it takes to ask a CA something. What is started with it opens no port and can prove no name.
     *
     * @throws CommandFailure if a value is out of range or the root cannot be read
     */
    AutoTlsBuilder applyToAsk(AutoTlsBuilder builder) {
        builder.agreeToTerms(agreeToTerms);
        if (email != null) {
            builder.email(email);
        }
        if (acmeRoot != null) {
            if (!Files.isReadable(acmeRoot)) {
                throw new CommandFailure(
                        ExitCode.DIRECTORY,
                        "--acme-root " + Text.escape(acmeRoot.toString()) + " is missing or cannot be read");
            }
            builder.trust(acmeRoot);
        }
        return issuers.apply(builder);
    }

    private ChallengeChoice challenges() {
        try {
            return ChallengeChoice.parse(challenges);
        } catch (EndpointException e) { // the grammar is the endpoints', the option is not
            throw new CommandFailure(
                    ExitCode.USAGE, String.valueOf(e.getMessage()).replaceFirst("^bad endpoint", "--challenge"), e);
        }
    }

    private static int checkedPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--http-port " + port + ": expected 1 to 65535, or 0 for any free port");
        }
        return port;
    }
}
