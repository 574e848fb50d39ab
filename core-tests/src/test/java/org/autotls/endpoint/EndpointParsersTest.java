package org.autotls.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.autotls.endpoint.ListenAddress.Family;
import org.autotls.endpoint.ListenAddress.Systemd;
import org.autotls.endpoint.ListenAddress.Tcp;
import org.autotls.endpoint.ListenAddress.Unix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointParsersTest {

    private final EndpointParsers parsers = EndpointParsers.ours();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp:443|tcp:443",
                "tcp:port=443|tcp:443",
                "tcp:443:192.0.2.1:50|tcp:443:interface=192.0.2.1:backlog=50",
                "tcp:backlog=50:443:interface=localhost|tcp:443:interface=localhost:backlog=50",
                "tcp6:443:interface=\\:\\:1|tcp6:443:interface=\\:\\:1",
                "tcp6:443:interface=fe80\\:\\:1%eth0|tcp6:443:interface=fe80\\:\\:1%eth0",
                "unix:/run/x.sock|unix:/run/x.sock",
                "unix:/run/x\\:y.sock:mode=600|unix:/run/x\\:y.sock:mode=600",
                "unix:address=/run/x.sock:mode=0660|unix:/run/x.sock",
                "systemd:domain=INET:index=0|systemd:domain=INET:index=0",
                "systemd:INET6:1|systemd:domain=INET6:index=1",
                "systemd:domain=UNIX:index=2|systemd:domain=UNIX:index=2",
                "haproxy:tcp:443|haproxy:tcp:443",
                "haproxy:unix:/run/x.sock|haproxy:unix:/run/x.sock",
                "haproxy:systemd:domain=INET:index=0|haproxy:systemd:domain=INET:index=0",
            })
    void parse_address_readsAndRoundTrips(String text, String canonical) {
        ServerEndpoint endpoint = parsers.parse(text);

        assertThat(endpoint.autoTls()).isEmpty();
        assertThat(endpoint.address()).hasToString(canonical);
        assertThat(parsers.parse(canonical).address()).isEqualTo(endpoint.address());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "le:/srv/certs:tcp:443|https://acme-v02.api.letsencrypt.org/directory",
                "lets:/srv/certs:tcp:443|https://acme-staging-v02.api.letsencrypt.org/directory",
                "txsni:/srv/certs:tcp:443|read-only",
                "local:/srv/certs:tcp:443|local",
                "acme:https\\://localhost\\:14000/dir:/srv/certs:tcp:443|https://localhost:14000/dir",
                "lets:/srv/certs:haproxy:tcp:443|https://acme-staging-v02.api.letsencrypt.org/directory",
            })
    void parse_certificates_saysWhereTheyComeFrom(String text, String source) {
        ServerEndpoint endpoint = parsers.parse(text);

        assertThat(endpoint.autoTls().orElseThrow().toString()).contains(source).contains("/srv/certs");
        assertThat(endpoint.address().proxyProtocol()).isEqualTo(text.contains("haproxy"));
        assertThat(endpoint.autoTls().orElseThrow())
                .isNotSameAs(endpoint.autoTls().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "le:timeout=7.5:/srv/certs:tcp:443",
                "le:/srv/certs:timeout=7.5:tcp:443",
                "le:/srv/certs:tcp:443:timeout=7.5",
                "le:/srv/certs:tcp:timeout=7.5:port=443",
                "acme:https\\://ca.example/d:/srv/certs:tcp:443:timeout=7.5",
            })
    void parse_timeout_isTakenOutWhereverItStands(String text) {
        ServerEndpoint endpoint = parsers.parse(text);

        assertThat(endpoint.autoTls().orElseThrow().toString()).contains("timeout PT7.5S");
        assertThat(endpoint.address()).isEqualTo(Tcp.port(443));
    }

    @Test
    void parse_tilde_isTheHomeDirectory() {
        String home = System.getProperty("user.home");

        assertThat(parsers.parse("txsni:~/certs:tcp:443")
                        .autoTls()
                        .orElseThrow()
                        .toString())
                .contains(Path.of(home, "certs").toString());
        assertThat(parsers.parse("txsni:~:tcp:443").autoTls().orElseThrow().toString())
                .contains(home);
        assertThat(parsers.parse("txsni:/a/~/b:tcp:443").autoTls().orElseThrow().toString())
                .contains("/a/~/b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "ftp:21|1|expected one of acme, haproxy, le, lets, local, systemd, tcp, tcp6, txsni, unix, found 'ftp'",
                "LE:/d:tcp:443|1|expected one of acme, haproxy, le, lets, local, systemd, tcp, tcp6, txsni, unix, found 'LE'",
                "tcp|4|expected a port from 0 to 65535, found the end",
                "tcp:|5|expected a port from 0 to 65535, found nothing",
                "tcp:https|5|expected a port from 0 to 65535, found 'https'",
                "tcp:65536|5|expected a port from 0 to 65535, found '65536'",
                "tcp:-1|5|expected a port from 0 to 65535, found '-1'",
                "tcp:+1|5|expected a port from 0 to 65535, found '+1'",
                "tcp:٤٤٣|5|expected a port from 0 to 65535, found '\\u0664\\u0664\\u0663'",
                "tcp:99999999999999999999|5|expected a port from 0 to 65535, found '99999999999999999999'",
                "tcp:443:dir=/x|13|'tcp' knows no keyword 'dir'; expected tcp:PORT[:interface=ADDR][:backlog=N]",
                "tcp:443:port=444|14|expected port once, found it again: tcp:PORT[:interface=ADDR][:backlog=N]",
                "tcp:443:interface=\\:\\:1|19|expected an interface's IPv4 address or name; an IPv6 address goes with tcp6:, found '::1'",
                "tcp:443:interface=a b|19|expected an interface's IPv4 address or name, found 'a b'",
                "tcp6:443:interface=127.0.0.1|20|expected an interface's IPv6 address, its colons written '\\:', found '127.0.0.1'",
                "tcp:443:backlog=0|17|expected a backlog from 1 to 65535, found '0'",
                "tcp:1:a:2:b|11|expected nothing more, found 'b'; a colon inside a value is written '\\:' (tcp:PORT[:interface=ADDR][:backlog=N])",
                "unix|5|expected a socket's path of at most 107 bytes, found the end",
                "unix:/x:mode=999|14|expected an octal mode from 0 to 777, found '999'",
                "systemd:index=0|16|expected domain=INET, domain=INET6 or domain=UNIX, found the end",
                "systemd:domain=inet:index=0|16|expected INET, INET6 or UNIX, found 'inet'",
                "systemd:domain=INET|20|expected index=N, from 0, found the end",
                "haproxy|8|expected a sub-endpoint, such as tcp:443, after haproxy:, found the end",
                "haproxy:haproxy:tcp:1|9|expected haproxy: once, found 'haproxy'",
                "haproxy:le:/d:tcp:443|9|expected haproxy: inside, where the header comes before TLS, as in le:DIR:haproxy:tcp:443, found 'le'",
                "le|3|expected the certificate directory, found the end",
                "le::tcp:443|4|expected the certificate directory, found nothing",
                "le:/d|6|expected a sub-endpoint, such as tcp:443, found the end",
                "le:/d:443|7|expected one of acme, haproxy, le, lets, local, systemd, tcp, tcp6, txsni, unix, found '443'",
                "le:/d:le:/e:tcp:443|7|expected a sub-endpoint, such as tcp:443 (TLS inside TLS is not served), found 'le'",
                "le:/d:tcp:443:timeout=0|23|expected seconds from 0.001 to 3600, found '0'",
                "le:/d:tcp:443:timeout=soon|23|expected seconds from 0.001 to 3600, found 'soon'",
                "le:/d:tcp:443:timeout=3601|23|expected seconds from 0.001 to 3600, found '3601'",
                "txsni:/d:tcp:443:timeout=5|26|'tcp' knows no keyword 'timeout'; expected tcp:PORT[:interface=ADDR][:backlog=N]",
                "le:dir=/d:tcp:443|8|expected the certificate directory by its place, without 'dir=': le:DIR:SUB[:timeout=SECONDS], found '/d'",
                "acme:http\\://ca.example/d:/d:tcp:443|6|expected the URL of an ACME directory, such as https\\://ca.example/dir, its colons written '\\:', found 'http://ca.example/d'",
                "acme:https://ca.example/d:/d:tcp:443|6|expected the URL of an ACME directory, such as https\\://ca.example/dir, its colons written '\\:', found 'https'",
                "acme:https\\://u\\:p@ca.example/d:/d:tcp:443|6|expected the URL of an ACME directory, such as https\\://ca.example/dir, its colons written '\\:', found 'https://u:p@ca.example/d'",
            })
    void N12_badString_namesColumnAndExpectation(String text, int column, String problem) {
        EndpointException refused = catchThrowableOfType(EndpointException.class, () -> parsers.parse(text));

        assertThat(refused.problem()).isEqualTo(problem);
        assertThat(refused.column()).isEqualTo(column);
    }

    @Test
    void N12_randomAddresses_roundTrip() {
        RandomGenerator random = new Random(7L);
        for (int run = 0; run < 5_000; run++) {
            ListenAddress address = address(random);
            ListenAddress made = random.nextBoolean() ? address : address.withProxyProtocol();

            assertThat(parsers.parse(made.toString()).address()).isEqualTo(made);
        }
    }

    @Test
    void with_thirdParty_addsAPrefixWithoutTouchingOurs() {
        EndpointParsers ours = EndpointParsers.ours();

        EndpointParsers extended = ours.with(new OnionParser());

        assertThat(extended.parse("onionservice:9").address()).isEqualTo(Tcp.port(9));
        assertThat(extended.parse("local:/d:onionservice:9").address()).isEqualTo(Tcp.port(9));
        assertThat(extended.all()).hasSize(ours.all().size() + 1);
    }

    @Test
    void with_takenPrefix_refusedNamingBoth() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EndpointParsers.standard().with(new OnionParser()))
                .withMessageContaining("'onionservice' is claimed by")
                .withMessageContaining(OnionParser.class.getName());
    }

    @Test
    void standard_findsParsersOfTheServiceLoader() {
        assertThat(EndpointParsers.standard().parse("onionservice:9").address()).isEqualTo(Tcp.port(9));
    }

    private static ListenAddress address(RandomGenerator random) {
        int backlog = 1 + random.nextInt(2000);
        return switch (random.nextInt(4)) {
            case 0 -> new Tcp(Family.INET, "host-" + random.nextInt(9), random.nextInt(65_536), backlog, false);
            case 1 -> new Tcp(Family.INET6, "2001:db8::" + random.nextInt(9), random.nextInt(65_536), backlog, false);
            case 2 -> new Unix(Path.of("/run/a:b\\c=d" + random.nextInt(9)), random.nextInt(01000), backlog, false);
            default -> new Systemd(List.of(Family.values()).get(random.nextInt(3)), random.nextInt(100), false);
        };
    }
}
