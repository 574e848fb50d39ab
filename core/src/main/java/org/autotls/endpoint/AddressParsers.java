package org.autotls.endpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.autotls.Identifier;
import org.autotls.endpoint.EndpointDescription.Field;
import org.autotls.endpoint.ListenAddress.Family;

/** The prefixes that say where to listen: {@code tcp tcp6 unix systemd}, and {@code haproxy} around one of them. */
final class AddressParsers {

    private static final int MAX_UNIX_PATH = 107; // sun_path of unix(7), less the final NUL

    private AddressParsers() {}

    /** A parser that is a function. */
    private record Prefix(
            String prefix, String usage, BiFunction<EndpointDescription, EndpointParsers, ServerEndpoint> body)
            implements EndpointParser {

        @Override
        public ServerEndpoint parse(EndpointDescription description, EndpointParsers parsers) {
            return body.apply(description, parsers);
        }
    }

    static List<EndpointParser> all() {
        return List.of(
                tcp("tcp", Family.INET),
                tcp("tcp6", Family.INET6),
                address("unix", "unix:PATH[:mode=660][:backlog=N]", AddressParsers::unix, "address", "mode", "backlog"),
                address(
                        "systemd",
                        "systemd:domain=INET|INET6|UNIX:index=N",
                        AddressParsers::systemd,
                        "domain",
                        "index"),
                new Prefix("haproxy", "haproxy:SUB", AddressParsers::haproxy));
    }

    /** Reads the path of a field, which must be one that this system can have. */
    static Path path(EndpointDescription description, Field field, String expected) {
        try {
            return Path.of(field.value());
        } catch (InvalidPathException e) {
            throw description.refuse(field, expected + " (" + e.getReason() + ")");
        }
    }

    private static EndpointParser tcp(String prefix, Family family) {
        return address(
                prefix,
                prefix + ":PORT[:interface=ADDR][:backlog=N]",
                (description, arguments) -> tcp(family, description, arguments),
                "port",
                "interface",
                "backlog");
    }

    private static EndpointParser address(
            String prefix,
            String usage,
            BiFunction<EndpointDescription, EndpointArguments, ListenAddress> body,
            String... parameters) {
        return new Prefix(
                prefix,
                usage,
                (description, parsers) -> ServerEndpoint.plain(
                        body.apply(description, EndpointArguments.of(description, usage, parameters))));
    }

    private static ListenAddress tcp(Family family, EndpointDescription description, EndpointArguments arguments) {
        String expected = "a port from 0 to 65535";
        int port = arguments.number(arguments.require("port", expected), 10, 0, 65_535, expected);
        String host = arguments
                .find("interface")
                .map(field -> host(family, description, field))
                .orElse("");
        return new ListenAddress.Tcp(family, host, port, backlog(arguments), false);
    }

    private static String host(Family family, EndpointDescription description, Field field) {
        String host = field.value();
        boolean v6 = host.indexOf(':') >= 0;
        String expected = family == Family.INET ? "an interface's IPv4 address or name" : "an interface's IPv6 address";
        if (v6 != (family == Family.INET6)) {
            throw description.refuse(
                    field,
                    v6 ? expected + "; an IPv6 address goes with tcp6:" : expected + ", its colons written '\\:'");
        }
        String zoneless = v6 && host.indexOf('%') > 0 ? host.substring(0, host.indexOf('%')) : host;
        try {
            Identifier.of(zoneless);
        } catch (IllegalArgumentException e) {
            throw description.refuse(field, expected);
        }
        return host;
    }

    private static ListenAddress unix(EndpointDescription description, EndpointArguments arguments) {
        String expected = "a socket's path of at most " + MAX_UNIX_PATH + " bytes";
        Field field = arguments.require("address", expected);
        Path path = path(description, field, expected);
        if (field.value().getBytes(StandardCharsets.UTF_8).length > MAX_UNIX_PATH) {
            throw description.refuse(field, expected);
        }
        int mode = arguments
                .find("mode")
                .map(given -> arguments.number(given, 8, 0, 0777, "an octal mode from 0 to 777"))
                .orElse(ListenAddress.Unix.DEFAULT_MODE);
        return new ListenAddress.Unix(path, mode, backlog(arguments), false);
    }

    private static ListenAddress systemd(EndpointDescription description, EndpointArguments arguments) {
        String domains = "domain=INET, domain=INET6 or domain=UNIX";
        Field domain = arguments.require("domain", domains);
        Family family = Arrays.stream(Family.values())
                .filter(known -> known.name().equals(domain.value()))
                .findFirst()
                .orElseThrow(() -> description.refuse(domain, "INET, INET6 or UNIX"));
        Field index = arguments.require("index", "index=N, from 0");
        int max = ListenAddress.Systemd.MAX_INDEX;
        return new ListenAddress.Systemd(
                family, arguments.number(index, 10, 0, max, "a socket's index from 0 to " + max), false);
    }

    private static ServerEndpoint haproxy(EndpointDescription description, EndpointParsers parsers) {
        EndpointDescription sub = description.rest(1, "a sub-endpoint, such as tcp:443, after haproxy:");
        ServerEndpoint inner = parsers.parse(sub);
        if (inner.autoTls().isPresent()) {
            throw description.refuse(
                    sub.prefix(), "haproxy: inside, where the header comes before TLS, as in le:DIR:haproxy:tcp:443");
        }
        if (inner.address().proxyProtocol()) {
            throw description.refuse(sub.prefix(), "haproxy: once");
        }
        return ServerEndpoint.plain(inner.address().withProxyProtocol());
    }

    private static int backlog(EndpointArguments arguments) {
        return arguments
                .find("backlog")
                .map(field -> arguments.number(field, 10, 1, 65_535, "a backlog from 1 to 65535"))
                .orElse(ListenAddress.Tcp.DEFAULT_BACKLOG);
    }
}
