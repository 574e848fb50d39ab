package org.autotls.cli;

import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.autotls.AutoTlsBuilder;
import org.autotls.Text;
import org.autotls.endpoint.EndpointArguments;
import org.autotls.endpoint.EndpointDescription;
import org.autotls.endpoint.EndpointDescription.Field;
import org.autotls.endpoint.EndpointException;

/**
 * What {@code --challenge} says, each time that it is given: which challenges are answered and how, best first. Written in
 * the grammar of endpoint strings. Immutable; parsing opens and reads nothing.
 */
final class ChallengeChoice {

    private static final String TLS = "tls-alpn-01";
    private static final String HTTP = "http-01";
    static final String DNS = "dns-01";
    static final String DNS_ACCOUNT = "dns-account-01";
    static final String DNS_PERSIST = "dns-persist-01";
    private static final String HTTP_USAGE = "http-01:PORT";

    /** Sets up a builder for one type. */
    private interface Setup {
        void apply(AutoTlsBuilder builder);
    }

    private record HttpPort(int port) implements Setup {
        @Override
        public void apply(AutoTlsBuilder builder) {
            builder.httpPort(port);
        }
    }

    private final Map<String, Setup> byType;

    private ChallengeChoice(Map<String, Setup> byType) {
        this.byType = byType;
    }

    /**
     * Reads them.
     *
     * @throws EndpointException with the string, the column and what was expected
     */
    static ChallengeChoice parse(List<String> texts) {
        Map<String, Setup> byType = new LinkedHashMap<>();
        for (String text : texts) {
            EndpointDescription description = EndpointDescription.parse(text);
            Field type = description.prefix();
            if (byType.put(type.value(), setup(description)) != null) {
                throw new EndpointException(
                        text, type.column(), "expected each challenge type once, found " + type.value() + " again");
            }
        }
        return new ChallengeChoice(byType);
    }

    /** Tells whether tls-alpn-01 is among them, which needs a port. */
    boolean asksTls() {
        return byType.containsKey(TLS);
    }

    /** Returns the port of http-01; empty if that is not among them. */
    OptionalInt httpPort() {
        return byType.get(HTTP) instanceof HttpPort http ? OptionalInt.of(http.port()) : OptionalInt.empty();
    }

    /**
     * Sets the builder up.
     *
     * @param httpPortGiven whether {@code --http-port} was given as well
     * @throws CommandFailure if a file cannot be read, or http-01 has two ports
     */
    void apply(AutoTlsBuilder builder, boolean httpPortGiven) {
        if (httpPortGiven && byType.containsKey(HTTP)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--http-port and --challenge http-01:PORT say the same; give one of them");
        }
        byType.values().forEach(setup -> setup.apply(builder));
        List<String> types = new ArrayList<>(byType.keySet());
        if (httpPortGiven) {
            types.add(HTTP);
        }
        builder.challengeTypes(types.toArray(String[]::new));
    }

    private static Setup setup(EndpointDescription description) {
        Field type = description.prefix();
        return switch (type.value()) {
            case TLS -> {
                EndpointArguments.of(description, TLS);
                yield builder -> {};
            }
            case HTTP -> http(description);
            case DNS, DNS_ACCOUNT -> dns(description);
            case DNS_PERSIST -> persist(description);
            default ->
                throw description.refuse(
                        type, "tls-alpn-01, http-01:PORT, dns-01:…, dns-account-01:… or dns-persist-01");
        };
    }

    private static Setup http(EndpointDescription description) {
        String expected = "a port from 0 to 65535";
        EndpointArguments arguments = EndpointArguments.of(description, HTTP_USAGE, "port");
        int port = arguments.number(arguments.require("port", expected), 10, 0, 65_535, expected);
        return new HttpPort(port);
    }

    private static Setup dns(EndpointDescription description) {
        String type = description.prefix().value();
        DnsChoice choice = DnsChoice.parse(description.rest(1, DnsChoice.WAYS));
        return builder -> builder.responder(choice.responder(type, true, certificates(builder)));
    }

    /** With a way to write, or without one, and then nothing or {@code resolver=} follows. */
    private static Setup persist(EndpointDescription description) {
        if (description.fields().stream().skip(1).anyMatch(field -> !field.isKeyword())) {
            return dns(description);
        }
        DnsChoice choice = DnsChoice.lookOnly(description);
        return builder -> builder.responder(choice.responder(DNS_PERSIST, false, certificates(builder)));
    }

    private static Path certificates(AutoTlsBuilder builder) {
        return builder.directory().orElseThrow(() -> new IllegalStateException("every command names a directory"));
    }

    /** Reads a DNS server in a challenge string. */
    static InetSocketAddress server(EndpointDescription description, Field field) {
        return server(field.value())
                .orElseThrow(
                        () -> description.refuse(field, "a DNS server, HOST or HOST\\:PORT, its colons written '\\:'"));
    }

    /** Reads {@code HOST}, {@code HOST:PORT} or {@code [ADDRESS]:PORT}; empty if it is none of them. */
    static Optional<InetSocketAddress> server(String text) {
        int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
        boolean bareV6 = bracket < 0 && text.indexOf(':') != text.lastIndexOf(':');
        int colon = bareV6 ? -1 : text.indexOf(':', Math.max(0, bracket));
        String host = (colon < 0 ? text : text.substring(0, colon)).replaceAll("^\\[|]$", "");
        String port = colon < 0 ? "53" : text.substring(colon + 1);
        if (!host.matches("[A-Za-z0-9.:%-]+") || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            return Optional.empty();
        }
        return Optional.of(InetSocketAddress.createUnresolved(host, Integer.parseInt(port)));
    }

    /** Reads a path. */
    static Path path(EndpointDescription description, Field field, String expected) {
        try {
            return Path.of(field.value());
        } catch (InvalidPathException e) {
            throw description.refuse(field, expected);
        }
    }

    /** Looks a server's address up. */
    static InetSocketAddress resolved(InetSocketAddress server) {
        return resolved("--challenge", server);
    }

    /** Looks up the address of a server that an option names. */
    static InetSocketAddress resolved(String option, InetSocketAddress server) {
        InetSocketAddress resolved = new InetSocketAddress(server.getHostString(), server.getPort());
        if (resolved.isUnresolved()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    option + ": the DNS server " + Text.escape(server.getHostString()) + " has no address");
        }
        return resolved;
    }
}
