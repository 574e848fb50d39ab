package org.autotls.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.autotls.AutoTls;
import org.autotls.KeyType;
import org.autotls.Subject;
import org.autotls.SubjectStatus;
import org.autotls.store.MemoryStore;
import org.autotls.testkit.ManualClock;
import org.autotls.testkit.TestCa;
import org.autotls.tls.LiveIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** The properties, without a web server: Spring Boot 3.5, and in a second run 4. */
class AutoTlsAutoConfigurationTest {

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(AutoTlsAutoConfiguration.class));

    @TempDir
    Path scratch;

    @Test
    void version_isTheOneThatThisRunIsFor() {
        assertThat(SpringBootVersion.getVersion()).isEqualTo(System.getProperty("spring-boot.expected"));
    }

    @Test
    void withoutProperties_thereIsNoAutoTls() {
        application.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(AutoTls.class));
        application
                .withPropertyValues(directory(), "autotls.local=true", "autotls.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(AutoTls.class));
        application
                .withPropertyValues("autotls.java.opts=-Xmx1g")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(AutoTls.class));
    }

    @Test
    void names_areOneCertificateForEachElement() {
        application
                .withPropertyValues(
                        directory(),
                        "autotls.local=true",
                        "autotls.key-type=rsa-2048",
                        "autotls.names[0]=a.test,b.test",
                        "autotls.names[1]=c.test")
                .run(context -> {
                    AutoTls autoTls = context.getBean(AutoTls.class);
                    assertThat(autoTls.address()).isEmpty();
                    autoTls.startIssuing();
                    autoTls.whenCertsValid().toCompletableFuture().get(60, TimeUnit.SECONDS);
                    assertThat(autoTls.service().orElseThrow().status())
                            .extracting(SubjectStatus::subject)
                            .containsExactly(Subject.of("a.test", "b.test"), Subject.of("c.test"));
                    assertThat(autoTls.index()
                                    .current()
                                    .find("b.test")
                                    .orElseThrow()
                                    .bundle()
                                    .privateKey()
                                    .getAlgorithm())
                            .isEqualTo("RSA");
                });
        application
                .withPropertyValues(directory(), "autotls.local=true", "autotls.names=d.test,e.test")
                .run(context -> {
                    AutoTls autoTls = context.getBean(AutoTls.class);
                    autoTls.startIssuing();
                    autoTls.whenCertsValid().toCompletableFuture().get(60, TimeUnit.SECONDS);
                    assertThat(autoTls.service().orElseThrow().status())
                            .extracting(SubjectStatus::subject)
                            .contains(Subject.of("d.test"), Subject.of("e.test"));
                });
    }

    @Test
    void beanOfYourOwn_goesBeforeProperties() {
        ManualClock clock = new ManualClock();
        MemoryStore store = new MemoryStore(clock);
        application
                .withPropertyValues("autotls.directory=/nowhere")
                .withBean(
                        AutoTls.class,
                        () -> AutoTls.with(store, store, store)
                                .readOnly()
                                .scheduler(clock)
                                .open())
                .run(context -> assertThat(context).hasSingleBean(AutoTls.class));
    }

    @Test
    void customizers_changeTheBuilder() {
        application
                .withPropertyValues("autotls.endpoint=" + "local:" + scratch.resolve("x") + ":tcp:8443")
                .withBean(
                        AutoTlsBuilderCustomizer.class,
                        () -> builder -> builder.names("custom.test").keyType(KeyType.EC_P384))
                .run(context -> {
                    AutoTls autoTls = context.getBean(AutoTls.class);
                    assertThat(autoTls.tcpAddress().orElseThrow().port()).isEqualTo(8443);
                    autoTls.startIssuing();
                    autoTls.whenCertsValid().toCompletableFuture().get(60, TimeUnit.SECONDS);
                    assertThat(autoTls.index().current().find("custom.test")).isPresent();
                });
    }

    @Test
    void httpPort_redirectsToTheServersPort() {
        application
                .withPropertyValues(directory(), "autotls.local=true", "autotls.http-port=0", "server.port=8443")
                .withBean(AutoTlsBuilderCustomizer.class, () -> builder -> builder.names("a.test"))
                .run(context -> {
                    AutoTls autoTls = context.getBean(AutoTls.class);
                    autoTls.startIssuing();
                    autoTls.whenCertsValid().toCompletableFuture().get(60, TimeUnit.SECONDS);
                    assertThat(autoTls.plainHttp().answer("GET", "a.test", "/x").headers())
                            .containsEntry("Location", "https://a.test:8443/x");
                });
    }

    @Test
    void wrongProperties_areExplained() {
        refused("expected autotls.directory, or autotls.endpoint", "autotls.names=a.test");
        refused(
                "expected at most one of autotls.staging and autotls.local",
                directory(),
                "autotls.staging=true",
                "autotls.local=true");
        refused(
                "expected no autotls.acme beside it",
                "autotls.endpoint=local:x:tcp:443",
                "autotls.acme=https://ca.test/d");
        refused("expected no autotls.directory beside it", "autotls.endpoint=local:x:tcp:443", directory());
        refused("endpoint 'tcp:443' has no certificates", "autotls.endpoint=tcp:443");
        refused("a_b", directory(), "autotls.names=a_b!", "autotls.local=true");
        refused("nowhere", "autotls.directory=" + scratch.resolve("nowhere"), "autotls.names=a.test");
    }

    @Test
    void serverSsl_isRefusedUnlessItIsOff() {
        String[] ours = {directory(), "autotls.local=true"};
        for (String theirs : new String[] {
            "server.ssl.bundle=mine",
            "server.ssl.key-store=classpath:x.p12",
            "server.ssl.certificate=x.pem",
            "server.ssl.enabled=true"
        }) {
            application.withPropertyValues(ours).withPropertyValues(theirs).run(context -> {
                FailureAnalysis analysis = analyze(Objects.requireNonNull(context.getStartupFailure()));
                assertThat(analysis.getDescription())
                        .contains("Both autotls and server.ssl")
                        .contains(theirs.replaceAll("=.*", ""));
                assertThat(analysis.getAction()).contains("Remove server.ssl.*");
            });
        }
        application
                .withPropertyValues(ours)
                .withPropertyValues("server.ssl.enabled=false", "server.ssl.bundle=mine")
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void report_isDownOnlyForWhatIsLost() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        ManualClock clock = new ManualClock();
        LiveIndex index = new LiveIndex(clock);
        MemoryStore store = new MemoryStore(clock);
        try (AutoTls autoTls = AutoTls.with(store, store, store)
                .readOnly()
                .scheduler(clock)
                .mapping(index)
                .open()) {
            TestCa ca = new TestCa();
            index.put(Subject.of("a.test", "b.test"), ca.issue(start, Duration.ofDays(10), "a.test", "b.test"));
            CertificateReport fresh = CertificateReport.of(autoTls, () -> start.plus(Duration.ofDays(1)));
            assertThat(fresh.isUp()).isTrue();
            assertThat(fresh.health())
                    .hasToString(
                            "{count=1, certificates={a.test,b.test={daysLeft=9, validUntil=2026-01-11T00:00:00Z}}}");
            assertThat(fresh.info().toString()).contains("a.test,b.test=2026-01-11T00:00:00Z");
            CertificateReport late = CertificateReport.of(autoTls, () -> start.plus(Duration.ofDays(11)));
            assertThat(late.isUp()).isFalse();
            assertThat(late.health().toString()).contains("daysLeft=-1").contains("lastFailure=");
        }
    }

    private void refused(String expected, String... properties) {
        application.withPropertyValues(properties).run(context -> {
            Throwable failure = context.getStartupFailure();
            assertThat(failure).as("with %s", (Object) properties).isNotNull();
            FailureAnalysis analysis = analyze(Objects.requireNonNull(failure));
            assertThat(analysis.getDescription()).contains("autotls.*").contains(expected);
            assertThat(analysis.getAction()).contains("Change the properties");
        });
    }

    /** As Spring Boot does it: the analyzer is found by its registration. */
    private static FailureAnalysis analyze(Throwable failure) {
        return SpringFactoriesLoader.forDefaultResourceLocation()
                .load(FailureAnalyzer.class, (type, name, e) -> {})
                .stream()
                .filter(AutoTlsFailureAnalyzer.class::isInstance)
                .map(analyzer -> analyzer.analyze(failure))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new AssertionError("not explained", failure));
    }

    private String directory() {
        try {
            return "autotls.directory=" + Files.createDirectories(scratch.resolve("certs"));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
