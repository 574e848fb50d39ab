package org.autotls.cli;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.autotls.Identifier;
import org.autotls.tls.CertificateIndex;

/** Where a browser finds a server: by a name that it has a certificate for, so that no handshake is refused. Stateless. */
final class ServedUrl {

    private static final int HTTPS_PORT = 443;
    private static final String LOCALHOST = "localhost";

    private ServedUrl() {}

    /**
     * Chooses a name: {@code localhost} if that is served, else the first name or address.
     *
     * @param where what the server listens on
     * @param index what it serves
     * @return a URL; or, if nothing is served but wildcards, the address, and what is the matter
     */
    static String of(InetSocketAddress where, CertificateIndex index) {
        String port = where.getPort() == HTTPS_PORT ? "" : ":" + where.getPort();
        Optional<String> host = index.find(LOCALHOST).isPresent()
                ? Optional.of(LOCALHOST)
                : first(index, Predicate.not(Identifier::isWildcard));
        return host.map(name -> "https://" + (name.contains(":") ? "[" + name + "]" : name) + port + "/")
                .orElseGet(() -> "port " + where.getPort()
                        + first(index, Identifier::isWildcard)
                                .map(wildcard -> " for " + wildcard)
                                .orElse(", but there is no certificate yet"));
    }

    private static Optional<String> first(CertificateIndex index, Predicate<Identifier> suits) {
        Stream<Identifier> served = index.entries().stream().flatMap(entry -> entry.bundle().identifiers().stream());
        return served.filter(suits).sorted().findFirst().map(Identifier::value);
    }
}
