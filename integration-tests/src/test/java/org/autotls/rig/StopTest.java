package org.autotls.rig;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.autotls.testkit.Await;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGTERM while a client is served: it gets its answer, and the process ends with 0 within five seconds. */
@Tag("rig")
class StopTest {

    /** A thread each: since JDK 25 the common pool has one thread for two processors, and one of the two waits for the other. */
    private static final Executor THREADS = task -> new Thread(task, "client").start();

    @TempDir
    Path scratch;

    /** Answers once {@link #release} is called. */
    private static final class SlowOrigin implements AutoCloseable {

        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final HttpServer server;

        SlowOrigin() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                try (exchange) {
                    asked.countDown();
                    boolean answers = released.await(Await.HANG_LIMIT.toSeconds(), TimeUnit.SECONDS);
                    exchange.sendResponseHeaders(answers ? 200 : 504, 4);
                    exchange.getResponseBody().write("late".getBytes(US_ASCII));
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        void awaitRequest() throws InterruptedException {
            assertThat(asked.await(Await.HANG_LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        }

        void release() {
            released.countDown();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2"})
    void proxy_requestInFlight_isAnswered(String version) throws Exception {
        Path certs = scratch.resolve("certs");
        String endpoint = "local:" + certs + ":tcp:0:interface=127.0.0.1";
        try (SlowOrigin origin = new SlowOrigin();
                ChildProcess proxy = Autotls.start(scratch, "proxy", "--port", endpoint, "--to", origin.url())) {
            int port = URI.create(proxy.line("Passing requests from (https:\\S+)", Await.HANG_LIMIT)
                            .group(1))
                    .getPort();
            Curl curl = Curl.trusting(certs.resolve("local-ca.crt"));
            CompletableFuture<String> answer =
                    CompletableFuture.supplyAsync(() -> curl.body("localhost", port, "/", version), THREADS);
            origin.awaitRequest();

            CompletableFuture<Integer> code = CompletableFuture.supplyAsync(proxy::terminate, THREADS);
            proxy.line("Stopping", Await.HANG_LIMIT);
            origin.release();

            assertThat(answer.get(Await.HANG_LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo("late");
            assertThat(code.get(Await.HANG_LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as(proxy.output())
                    .isZero();
        }
    }
}
