package org.autotls.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.autotls.AutoTls;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.IssueException;
import org.autotls.Scheduler;
import org.autotls.StateStore;
import org.autotls.TxtRecord;
import org.autotls.endpoint.EndpointArguments;
import org.autotls.endpoint.EndpointDescription;
import org.autotls.endpoint.EndpointException;
import org.autotls.store.DirectoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeChoiceTest {

    @TempDir
    Path scratch;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tls-alpn-01",
                "http-01:80",
                "http-01:port=80",
                "dns-01:rfc2136:server=127.0.0.1\\:5300:key=NAME:secret-file=F:algorithm=hmac-sha256",
                "dns-01:rfc2136:server=[\\:\\:1]\\:5300:key=NAME:secret-file=F",
                "dns-01:rfc2136:server=ns1.example:key=NAME:secret-file=F:propagation=0:resolver=192.0.2.1",
                "dns-01:exec:/etc/hook",
                "dns-01:exec:/etc/hook:convention=lego:timeout=5",
                "dns-01:exec:/etc/hook:convention=lego-raw",
                "dns-01:exec:/etc/hook:convention=dehydrated",
                "dns-01:exec:/etc/dns_x.sh:convention=acme.sh",
                "dns-01:cloudflare:token-file=F",
                "dns-01:digitalocean:token-file=F:propagation=300",
                "dns-01:hetzner:token-file=F:api=https\\://api.example/v1",
                "dns-01:gcloud:service-account-file=F:resolver=192.0.2.1",
                "dns-01:route53",
                "dns-01:route53:credentials-file=F:profile=dns",
                "dns-01:acme-dns:server=https\\://auth.acme-dns.io",
                "dns-01:acme-dns:server=https\\://auth.acme-dns.io:store=DIR",
                "dns-account-01:cloudflare:token-file=F",
                "dns-account-01:exec:/etc/hook",
                "dns-persist-01",
                "dns-persist-01:resolver=192.0.2.1",
                "dns-persist-01:rfc2136:server=ns1.example:key=NAME:secret-file=F"
            })
    void parse_whatIsDocumented(String text) {
        assertThat(ChallengeChoice.parse(List.of(text)).asksTls()).isEqualTo(text.startsWith("tls"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "carrier-pigeon | 1 | tls-alpn-01",
                "tls-alpn-01:443 | 13 | nothing more",
                "http-01 | 8 | a port",
                "http-01:eighty | 9 | a port",
                "dns-01 | 7 | rfc2136, exec, cloudflare",
                "dns-01:cloud | 8 | rfc2136, exec, cloudflare",
                "dns-01:rfc2136:key=a:secret-file=f | 35 | server=",
                "dns-01:rfc2136:server=a\\:b:key=a:secret-file=f | 23 | a DNS server",
                "dns-01:rfc2136:server=a:key=a | 30 | secret-file=",
                "dns-01:rfc2136:server=a:key=a:secret-file=f:algorithm=rot13 | 55 | a TSIG algorithm",
                "dns-01:rfc2136:server=a:key=a:secret-file=f:colour=red | 52 | no keyword 'colour'",
                "dns-01:exec | 12 | the path of a program",
                "dns-01:exec:/hook:convention=mine | 30 | lego, lego-raw, dehydrated, acme.sh",
                "dns-01:exec:/hook:propagation=long | 31 | seconds from 0 to 3600",
                "dns-01:cloudflare | 18 | token-file=",
                "dns-01:hetzner:token-file=F:api=http\\://api.example | 33 | a URL, https",
                "dns-01:acme-dns:store=DIR | 26 | server=URL",
                "dns-persist-01:propagation=5 | 28 | no keyword 'propagation'",
                "dns-account-01 | 15 | rfc2136, exec, cloudflare"
            })
    void parse_whatIsWrong_saysWhereAndWhatWasExpected(String text, int column, String expected) {
        EndpointException failure =
                catchThrowableOfType(EndpointException.class, () -> ChallengeChoice.parse(List.of(text)));
        assertThat(failure.column()).as(failure.getMessage()).isEqualTo(column);
        assertThat(failure.text()).isEqualTo(text);
        assertThat(failure.problem()).contains(expected);
    }

    @Test
    void parse_oneTypeTwice_isRefused() {
        EndpointException failure = catchThrowableOfType(
                EndpointException.class, () -> ChallengeChoice.parse(List.of("http-01:80", "http-01:81")));
        assertThat(failure.problem()).contains("once");
    }

    @ParameterizedTest
    @CsvSource({
        "ns1.example,ns1.example,53",
        "192.0.2.1\\:5300,192.0.2.1,5300",
        "\\:\\:1,::1,53",
        "[\\:\\:1]\\:5300,::1,5300"
    })
    void server_isHostAndPort(String text, String host, int port) {
        EndpointDescription description = EndpointDescription.parse("x:" + text);
        var server = ChallengeChoice.server(description, description.fields().get(1));
        assertThat(server.getHostString()).isEqualTo(host);
        assertThat(server.getPort()).isEqualTo(port);
    }

    @Test
    void apply_secretFileMissing_saysWhich() {
        CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> apply("nothing"));
        assertThat(failure.code()).isEqualTo(ExitCode.DIRECTORY);
        assertThat(failure).hasMessageContaining("nothing");
    }

    @Test
    void acmeDns_withoutStore_keepsItsRegistrationsBesideTheCertificates() throws Exception {
        byte[] registration = """
                {"username":"user","password":"geheim","fulldomain":"d.acme-dns.test","subdomain":"d","allowfrom":[]}""".getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/register", exchange -> {
            exchange.sendResponseHeaders(201, registration.length);
            exchange.getResponseBody().write(registration);
            exchange.close();
        });
        server.start();
        try {
            String url = "http\\://127.0.0.1\\:" + server.getAddress().getPort();
            EndpointDescription way = EndpointDescription.parse("acme-dns:server=" + url);
            DnsRecords records = DnsProvider.ACME_DNS
                    .parse(way, EndpointArguments.of(way, "acme-dns", "server", "store"))
                    .apply(scratch);
            Challenge challenge = new Challenge("dns-01", Identifier.of("a.example"), "token", "token.thumbprint");
            TxtRecord record = new TxtRecord("_acme-challenge.a.example", "value", challenge);
            IssueException failure = catchThrowableOfType(IssueException.class, () -> records.add(record));
            assertThat(failure).hasMessageContaining("CNAME d.acme-dns.test.").hasMessageNotContaining("geheim");
        } finally {
            server.stop(0);
        }
        StateStore state =
                DirectoryStore.openReadOnly(scratch, Scheduler.system()).state();
        assertThat(state.find("acme-dns/a.example"))
                .hasValueSatisfying(kept -> assertThat(kept.text()).contains("geheim"));
        try (Stream<Path> files = Files.walk(scratch)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as("%s", file)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void L9_secretThatIsNone_isNotShown() throws Exception {
        Files.writeString(scratch.resolve("secret"), "not!base64");
        CommandFailure failure = catchThrowableOfType(CommandFailure.class, () -> apply("secret"));
        assertThat(failure.code()).isEqualTo(ExitCode.DIRECTORY);
        assertThat(failure).hasMessageContaining("base64").hasMessageNotContaining("not!");
    }

    private void apply(String secretFile) {
        ChallengeChoice.parse(List.of("dns-01:rfc2136:server=127.0.0.1:key=acme:secret-file="
                        + EndpointDescription.escape(scratch.resolve(secretFile).toString())))
                .apply(AutoTls.at(scratch), false);
    }

    @Test
    void apply_httpPortTwice_isRefused() {
        ChallengeChoice choice = ChallengeChoice.parse(List.of("http-01:80"));
        CommandFailure failure =
                catchThrowableOfType(CommandFailure.class, () -> choice.apply(AutoTls.at(scratch), true));
        assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
    }
}
