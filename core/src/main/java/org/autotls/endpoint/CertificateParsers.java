package org.autotls.endpoint;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.autotls.AutoTls;
import org.autotls.AutoTlsBuilder;
import org.autotls.endpoint.EndpointDescription.Field;

/**
 * The prefixes that say where certificates come from, around a sub-endpoint: {@code le lets txsni acme local}.
 *
 * <p>{@code timeout} (seconds, for every request to the CA) is taken out wherever it stands, but for {@code txsni:}, which
 * makes no request. A {@code ~} at the beginning of DIR is the home directory, since no shell expands it there.
 */
final class CertificateParsers {

    private static final String TIMEOUT = "timeout";
    private static final String SUB = "a sub-endpoint, such as tcp:443";
    private static final BigDecimal MAX_TIMEOUT = BigDecimal.valueOf(3600);

    private CertificateParsers() {}

    static List<EndpointParser> all() {
        return List.of(
                new InDirectory("le", AutoTlsBuilder::letsEncrypt),
                new InDirectory("lets", AutoTlsBuilder::letsEncryptStaging),
                new InDirectory("local", AutoTlsBuilder::local),
                new InDirectory("txsni", AutoTlsBuilder::readOnly),
                new Acme());
    }

    /** {@code PREFIX:DIR:SUB}. */
    private record InDirectory(String prefix, UnaryOperator<AutoTlsBuilder> setUp) implements EndpointParser {

        @Override
        public String usage() {
            return prefix + ":DIR:SUB" + (asksCa() ? "[:timeout=SECONDS]" : "");
        }

        @Override
        public ServerEndpoint parse(EndpointDescription description, EndpointParsers parsers) {
            Optional<Duration> timeout = asksCa() ? timeout(description) : Optional.empty();
            EndpointDescription own = asksCa() ? description.without(TIMEOUT) : description;
            own.keyword("dir").filter(field -> own.fields().indexOf(field) == 1).ifPresent(field -> {
                throw own.refuse(field, "the certificate directory by its place, without 'dir=': " + usage());
            });
            return around(own, 1, parsers, timeout, setUp);
        }

        private boolean asksCa() {
            return !prefix.equals("txsni");
        }
    }

    /** {@code acme:URL:DIR:SUB}. */
    private static final class Acme implements EndpointParser {

        @Override
        public String prefix() {
            return "acme";
        }

        @Override
        public String usage() {
            return "acme:URL:DIR:SUB[:timeout=SECONDS] (colons in URL written '\\:')";
        }

        @Override
        public ServerEndpoint parse(EndpointDescription description, EndpointParsers parsers) {
            Optional<Duration> timeout = timeout(description);
            EndpointDescription own = description.without(TIMEOUT);
            URI url = url(own);
            return around(own, 2, parsers, timeout, builder -> builder.acme(url));
        }
    }

    private static ServerEndpoint around(
            EndpointDescription description,
            int directoryAt,
            EndpointParsers parsers,
            Optional<Duration> timeout,
            UnaryOperator<AutoTlsBuilder> setUp) {
        Path directory = directory(description, directoryAt);
        EndpointDescription sub = description.rest(directoryAt + 1, SUB);
        ServerEndpoint inner = parsers.parse(sub);
        if (inner.autoTls().isPresent()) {
            throw description.refuse(sub.prefix(), SUB + " (TLS inside TLS is not served)");
        }
        return ServerEndpoint.tls(inner.address(), () -> {
            AutoTlsBuilder builder = setUp.apply(AutoTls.at(directory));
            timeout.ifPresent(builder::timeout);
            return builder;
        });
    }

    private static Path directory(EndpointDescription description, int at) {
        String expected = "the certificate directory";
        Field field = description.positional(at, expected);
        String value = field.value();
        if (!value.equals("~") && !value.startsWith("~/")) {
            return AddressParsers.path(description, field, expected);
        }
        String home = System.getProperty("user.home", "");
        if (home.isEmpty()) {
            throw description.refuse(field, expected + "; '~' is not known here");
        }
        return Path.of(home).resolve(value.length() > 2 ? value.substring(2) : "");
    }

    private static URI url(EndpointDescription description) {
        String expected = "the URL of an ACME directory, such as https\\://ca.example/dir, its colons written '\\:'";
        Field field = description.positional(1, expected);
        try {
            URI url = new URI(field.value());
            if ("https".equalsIgnoreCase(url.getScheme())
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawFragment() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw description.refuse(field, expected);
        }
        throw description.refuse(field, expected);
    }

    private static Optional<Duration> timeout(EndpointDescription description) {
        return description.keyword(TIMEOUT).map(field -> {
            String value = field.value();
            if (!value.matches("[0-9]{1,4}(\\.[0-9]{1,3})?")) {
                throw description.refuse(field, "seconds from 0.001 to 3600");
            }
            BigDecimal seconds = new BigDecimal(value);
            if (seconds.signum() == 0 || seconds.compareTo(MAX_TIMEOUT) > 0) {
                throw description.refuse(field, "seconds from 0.001 to 3600");
            }
            return Duration.ofMillis(seconds.movePointRight(3).longValueExact());
        });
    }
}
