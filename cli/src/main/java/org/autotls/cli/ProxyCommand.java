package org.autotls.cli;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.Text;
import org.autotls.netty.TlsTerminator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code autotls proxy}: HTTPS, or TLS alone, in front of something that has none. */
@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        sortOptions = false,
        description = {
            "Put HTTPS in front of a plain HTTP server, or TLS in front of any TCP server.",
            "",
            "To http://HOST:PORT each request is passed on over HTTP/1.1, with its path as it came, the client's Host, and"
                    + " with X-Forwarded-For, -Proto and -Host and Forwarded set by us (what the client sent as Forwarded"
                    + " or X-Forwarded-anything, or with '_' for '-', is dropped)."
                    + " WebSocket upgrades are answered with 501; --to tcp: passes them.",
            "",
            "To tcp:HOST:PORT every decrypted byte is passed on, whatever the protocol.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  autotls proxy --port local:certs:tcp:8443 --to http://127.0.0.1:8080",
            "  autotls proxy --port le:/srv/certs:tcp:443 --to http://127.0.0.1:8080 --agree-tos",
            "  autotls proxy --port le:/srv/certs:tcp:993 --to tcp:127.0.0.1:143 --proxy-protocol --agree-tos"
        })
final class ProxyCommand implements Callable<Integer> {

    private static final Pattern TCP = Pattern.compile("tcp:(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):([0-9]{1,5})");
    private static final int MAX_PORT = 65_535;
    private static final int MAX_PROTOCOL_BYTES = 255;
    private static final int SHOWN = 40;

    /** RFC 8737 §3. */
    private static final String CHALLENGE_PROTOCOL = "acme-tls/1";

    private final CommandContext context;

    @Option(
            names = "--port",
            paramLabel = "ENDPOINT",
            required = true,
            description = "Where certificates come from and where to listen; see 'autotls --help'.")
    private String endpoint = "";

    @Option(names = "--to", paramLabel = "ORIGIN", required = true, description = "http://HOST:PORT, or tcp:HOST:PORT.")
    private String origin = "";

    @Option(
            names = "--proxy-protocol",
            description = "With --to tcp: tell the origin who connected, by the PROXY protocol, version 2.")
    private boolean proxyProtocol;

    @Option(
            names = "--alpn",
            paramLabel = "PROTOCOL",
            description = "With --to tcp: the application protocols to agree on, such as h2,http/1.1. Default: none.")
    private List<String> alpn = List.of();

    @Mixin
    private CaOptions ca = new CaOptions();

    ProxyCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        List<String> protocols = alpn.isEmpty() ? List.of() : protocols();
        TlsServer server = TlsServer.parse(endpoint, ca);
        if (origin.startsWith("tcp:")) {
            passBytes(server, terminator(origin), protocols);
        } else {
            passRequests(server, httpOrigin(origin));
        }
        return ExitCode.OK.code();
    }

    /** RFC 7301 §3.1: one to 255 bytes. */
    private List<String> protocols() {
        List<String> protocols = CommaList.of("--alpn", alpn, "protocols such as h2,http/1.1");
        for (String protocol : protocols) {
            if (protocol.getBytes(StandardCharsets.UTF_8).length > MAX_PROTOCOL_BYTES) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--alpn " + Text.escape(protocol, SHOWN) + ": expected a protocol of at most "
                                + MAX_PROTOCOL_BYTES + " bytes");
            }
            if (protocol.equals(CHALLENGE_PROTOCOL)) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--alpn " + CHALLENGE_PROTOCOL
                                + ": expected another protocol; this one is for challenges, which"
                                + " are answered here");
            }
        }
        return protocols;
    }

    private void passRequests(TlsServer server, URI http) {
        if (proxyProtocol || !alpn.isEmpty()) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--proxy-protocol and --alpn go with --to tcp:HOST:PORT, not with " + http);
        }
        context.stop().serve();
        try (HttpEngine engine = HttpEngine.start(new ReverseProxy(http), ReverseProxy.PATHS, context.temporary());
                TlsServer.Listening port = server.listen(
                        TlsTerminator.toUnix(engine.socket()).withProxyProtocol(), TlsServer.HTTP, context.stop())) {
            Logs.APP.info("Passing requests from {} to {}", port.url(), http);
            context.stop().await();
            port.finish(engine);
        }
    }

    private void passBytes(TlsServer server, TlsTerminator terminator, List<String> protocols) {
        context.stop().serve();
        TlsTerminator chosen = proxyProtocol ? terminator.withProxyProtocol() : terminator;
        try (TlsServer.Listening port = server.listen(chosen, protocols, context.stop())) {
            Logs.APP.info("Passing connections from {} to {}", port.server().address(), origin);
            context.stop().await();
        }
    }

    /** Reads {@code tcp:HOST:PORT}; an IPv6 address stands in brackets. */
    static TlsTerminator terminator(String text) {
        Matcher matcher = TCP.matcher(text);
        if (!matcher.matches() || !isPort(Integer.parseInt(matcher.group(2)))) {
            throw badOrigin(text);
        }
        return TlsTerminator.toTcp(matcher.group(1).replaceAll("[\\[\\]]", ""), Integer.parseInt(matcher.group(2)));
    }

    /** Reads {@code http://HOST:PORT}, with nothing behind it but perhaps one slash. */
    static URI httpOrigin(String text) {
        URI uri;
        try {
            uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (IllegalArgumentException e) {
            throw badOrigin(text);
        }
        boolean bare = uri.getRawPath() == null || uri.getRawPath().isEmpty();
        boolean plain = uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
        boolean port = uri.getPort() == -1 || isPort(uri.getPort());
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null || !bare || !plain || !port) {
            throw badOrigin(text);
        }
        return uri;
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= MAX_PORT;
    }

    private static CommandFailure badOrigin(String text) {
        return new CommandFailure(
                ExitCode.USAGE,
                "--to " + Text.escape(text) + ": expected http://HOST:PORT without a path, or tcp:HOST:PORT");
    }
}
