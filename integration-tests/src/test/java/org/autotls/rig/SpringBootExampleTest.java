package org.autotls.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Applications made from a starter, run from the same jars: with three properties they get their certificate from a real CA,
 * with none they serve plain HTTP.
 */
@Tag("rig")
class SpringBootExampleTest {

    private static final Duration BUILD_LIMIT = Duration.ofMinutes(5);
    private static final Pattern LISTENS = Pattern.compile("started on port (\\d+) \\((https?)\\)");

    @TempDir
    Path scratch;

    @ParameterizedTest
    @CsvSource({
        "spring-boot, SpringBootExample, Hello from Spring Boot over",
        "spring-boot-webflux, WebFluxExample, Hello from Spring WebFlux over",
        "spring-boot-3, SpringBoot3Example, Hello from Spring Boot 3 over"
    })
    void threePropertiesMakeHttps_noneMakesPlainHttp(String example, String program, String greeting) throws Exception {
        buildAndFail(example);
        try (PebbleCa ca = PebbleCa.on(PebbleBinary.installed()).start(scratch.resolve("ca"))) {
            Path trust = trustStore(ca);
            String endpoint = "acme:" + escape(ca.acme().toString()) + ":" + certs() + ":tcp:" + ca.tlsPort();
            try (ChildProcess application = start(
                    example,
                    program,
                    "-Djavax.net.ssl.trustStore=" + trust,
                    "-Djavax.net.ssl.trustStorePassword=changeit",
                    "-Dautotls.endpoint=" + endpoint,
                    "-Dautotls.names=a.example",
                    "-Dautotls.agree-to-terms=true")) {
                Await.until(
                        Await.HANG_LIMIT,
                        () -> Files.exists(certs().resolve("a.example.pem"))
                                && !Repository.read(certs().resolve("a.example.pem"))
                                        .isEmpty()
                                && OpensslClient.connect(ca.tlsPort(), "a.example", ca.issuerRoot())
                                        .verified(),
                        () -> example + " does not serve its certificate; it printed:\n" + application.output());
                assertThat(Curl.trusting(ca.issuerRoot()).body("a.example", ca.tlsPort(), "/", "--http2"))
                        .startsWith(greeting);
                assertThat(application.terminate()).isIn(0, 143);
            }
        }
        try (ChildProcess application = start(example, program, "-Dserver.port=0", "-Dserver.address=127.0.0.1")) {
            Await.until(
                    Await.HANG_LIMIT,
                    () -> LISTENS.matcher(application.output()).find(),
                    () -> example + " does not listen; it printed:\n" + application.output());
            Matcher listens = LISTENS.matcher(application.output());
            assertThat(listens.find()).isTrue();
            assertThat(listens.group(2)).isEqualTo("http");
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listens.group(1) + "/"))
                    .build();
            assertThat(HttpClient.newHttpClient()
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .startsWith(greeting);
            assertThat(application.terminate()).isIn(0, 143);
        }
    }

    /** The script that readers use builds first; that the name is wrong is found by the application. */
    private void buildAndFail(String example) {
        try (ChildProcess build = ChildProcess.start(
                scratch,
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                List.of(
                        Repository.root().resolve("examples/run").toString(),
                        example,
                        "--port",
                        "0",
                        "--certs",
                        certs().toString(),
                        "--name",
                        "no name"))) {
            assertThat(build.exit(BUILD_LIMIT)).as(build.output()).isEqualTo(1);
            assertThat(build.output())
                    .contains("APPLICATION FAILED TO START")
                    .contains("The properties autotls.* cannot be used: 'no name' is not a DNS name");
        }
    }

    private ChildProcess start(String example, String program, String... properties) {
        List<String> command = new java.util.ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
        command.addAll(List.of(properties));
        command.addAll(List.of(
                "-cp",
                Repository.root().resolve(".build/examples/" + example).toAbsolutePath() + "/*",
                "org.autotls.examples." + program));
        return ChildProcess.start(scratch, Map.of(), command);
    }

    private Path trustStore(PebbleCa ca) {
        Path store = scratch.resolve("trust.p12");
        ChildProcess.run(
                Await.HANG_LIMIT,
                List.of(
                        System.getProperty("java.home") + "/bin/keytool",
                        "-importcert",
                        "-noprompt",
                        "-file",
                        ca.httpsRoot().toString(),
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit"));
        return store;
    }

    private Path certs() {
        return scratch.resolve("certs");
    }

    private static String escape(String field) {
        return field.replaceAll("[\\\\:=]", "\\\\$0");
    }
}
