package org.autotls.spring.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.autotls.AutoTls;
import org.autotls.spring.testkit.SpringLine.Kind;
import org.autotls.testkit.TlsProbe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/** What properties alone make of an application, whichever the line of Spring Boot. */
@Tag("long")
public abstract class StarterContract {

    private final SpringLine line;

    @TempDir
    Path scratch;

    /**
     * Makes it.
     *
     * @param line of Spring Boot
     */
    protected StarterContract(SpringLine line) {
        this.line = line;
    }

    @Test
    void version_isTheOneThatThisRunIsFor() {
        assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("spring-boot.expected"));
    }

    @ParameterizedTest
    @EnumSource
    void noProperty_isPlainHttp(Kind kind) throws Exception {
        try (SpringServer server = SpringServer.start(line, kind)) {
            assertThat(server.context().getBeansOfType(AutoTls.class)).isEmpty();
            assertThat(line.health(server.context())).isEmpty();
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("Hello from Spring Boot\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void endpointString_saysWhereToListen(Kind kind) throws Exception {
        String endpoint = "local:" + certs() + ":tcp:0:interface=127.0.0.1";
        AutoTls autoTls;
        try (SpringServer server = SpringServer.start(
                line, kind, "server.port=1", "server.address=192.0.2.1", "autotls.endpoint=" + endpoint)) {
            autoTls = server.context().getBean(AutoTls.class);
            awaitCertificates(autoTls);
            assertThat(new TlsProbe(server.port())
                            .handshake("localhost", "TLSv1.3", "h2")
                            .applicationProtocol())
                    .isEqualTo("h2");
        }
        assertThat(autoTls.whenCertsValid().toCompletableFuture()).isDone();
        assertThatThrownBy(() -> autoTls.service().orElseThrow().start()).hasMessageContaining("stopped");
    }

    @ParameterizedTest
    @EnumSource
    void http2_isOffWhereThePropertySaysSo(Kind kind) throws Exception {
        try (SpringServer server = SpringServer.start(
                line, kind, "server.http2.enabled=false", "autotls.directory=" + certs(), "autotls.local=true")) {
            awaitCertificates(server.context().getBean(AutoTls.class));
            assertThat(new TlsProbe(server.port())
                            .handshake("localhost", "TLSv1.3", "h2", "http/1.1")
                            .applicationProtocol())
                    .isIn("", "http/1.1");
        }
    }

    @Test
    void serverSslBesideAutoTls_isRefused() {
        String local = "autotls.endpoint=local:" + certs() + ":tcp:0";
        assertThatThrownBy(() -> SpringServer.start(line, Kind.TOMCAT, local, "server.ssl.bundle=mine"))
                .hasStackTraceContaining("Both autotls and server.ssl are to give the web server its certificates:"
                        + " server.ssl.bundle is set, too.");
        assertThat(Files.exists(certs())).as("opened nothing").isFalse();
    }

    @Test
    void healthAndInfo_tellHowManyDaysAreLeft() throws Exception {
        try (SpringServer server = SpringServer.start(
                line,
                Kind.TOMCAT,
                "autotls.directory=" + certs(),
                "autotls.local=true",
                "autotls.names[0]=a.test,bücher.test")) {
            awaitCertificates(server.context().getBean(AutoTls.class));
            assertThat(line.health(server.context()).orElseThrow())
                    .matches(
                            "UP \\{count=1, certificates=\\{a.test,xn--bcher-kva.test=\\{daysLeft=[1-9]\\d*, validUntil=[-0-9TZ:]+}}}");
            Info.Builder info = new Info.Builder();
            server.context()
                    .getBean("autotlsInfoContributor", InfoContributor.class)
                    .contribute(info);
            assertThat(info.build().getDetails().toString())
                    .contains("a.test,xn--bcher-kva.test=")
                    .contains("count=1");
        }
    }

    @Test
    void healthEndpoint_hasTheComponent() throws Exception {
        try (SpringServer server = SpringServer.start(
                line,
                Kind.TOMCAT,
                "autotls.endpoint=local:" + certs() + ":tcp:0:interface=127.0.0.1",
                "spring.main.allow-bean-definition-overriding=true", // Tomcat and Jetty are both here
                "management.server.port=0",
                "management.server.address=127.0.0.1",
                "management.endpoint.health.show-details=always")) {
            awaitCertificates(server.context().getBean(AutoTls.class));
            String port = server.context().getEnvironment().getRequiredProperty("local.management.port");
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + port + "/actuator/health/autotls"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .contains("\"status\":\"UP\"")
                    .contains("\"daysLeft\":");
        }
    }

    private Path certs() {
        return scratch.resolve("certs");
    }

    private static void awaitCertificates(AutoTls autoTls) throws Exception {
        autoTls.whenCertsValid().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
