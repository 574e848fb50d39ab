package org.autotls.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.autotls.testkit.CaAnswer.Sort;

/** Answers that go wrong below HTTP's meaning: connections that break, stall or never end. Stateless. */
final class TransportAnswers {

    private static final int MEBIBYTE = 1 << 20;

    private TransportAnswers() {}

    static List<CaAnswer> all() {
        return List.of(
                new CaAnswer("silence", Sort.STALLED, Fault.silence()),
                new CaAnswer("stalled-body", Sort.STALLED, Fault.stall()),
                new CaAnswer("dripping-body", Sort.STALLED, Fault.drip()),
                new CaAnswer("closed-without-a-word", Sort.BROKEN, (exchange, usual, closing) -> exchange.close()),
                new CaAnswer("done-then-closed-without-a-word", Sort.BROKEN, (exchange, usual, closing) -> {
                    usual.reply();
                    exchange.close();
                }),
                new CaAnswer("done-then-broken-body", Sort.BROKEN, Fault.loseAnswer()),
                new CaAnswer("broken-body", Sort.BROKEN, (exchange, usual, closing) -> begin(exchange, 5000)),
                new CaAnswer("chunks-without-end-mark", Sort.BROKEN, (exchange, usual, closing) -> begin(exchange, 0)),
                new CaAnswer(
                        "length-of-8-exbibytes",
                        Sort.BROKEN,
                        (exchange, usual, closing) -> begin(exchange, Long.MAX_VALUE)),
                new CaAnswer("100-megabytes", Sort.TOO_LARGE, Fault.huge(100_000_000)),
                new CaAnswer("endless-chunks", Sort.TOO_LARGE, (exchange, usual, closing) -> endless(exchange)),
                new CaAnswer("many-headers", Sort.TOO_LARGE, (exchange, usual, closing) -> {
                    for (int i = 0; i < 20_000; i++) {
                        exchange.getResponseHeaders().set("X-Header-" + i, "a value of some forty characters " + i);
                    }
                    usual.reply().send(exchange);
                }),
                new CaAnswer("one-large-header", Sort.TOO_LARGE, (exchange, usual, closing) -> {
                    exchange.getResponseHeaders().set("X-Header", "x".repeat(MEBIBYTE));
                    usual.reply().send(exchange);
                }),
                new CaAnswer("gzip-nobody-asked-for", Sort.GARBAGE, (exchange, usual, closing) -> {
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    exchange.getResponseHeaders().set("Content-Type", "application/json");
                    send(exchange, zipped());
                }));
    }

    /** The beginning of a body, and then the end of the connection. */
    private static void begin(HttpExchange exchange, long length) throws IOException {
        exchange.sendResponseHeaders(200, length);
        exchange.getResponseBody().write("{\"status\":".getBytes(US_ASCII));
        exchange.getResponseBody().flush();
        throw new IOException("scripted: connection broken");
    }

    private static void endless(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        byte[] block = " ".repeat(1 << 16).getBytes(US_ASCII);
        while (!Thread.currentThread().isInterrupted()) {
            out.write(block); // fails once the client has cut it off
        }
    }

    private static void send(HttpExchange exchange, byte[] body) throws IOException {
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(200, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    /** 50 MiB of blanks, in 50 KiB. */
    private static byte[] zipped() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bytes)) {
            byte[] block = new byte[MEBIBYTE];
            for (int i = 0; i < 50; i++) {
                zip.write(block);
            }
        }
        return bytes.toByteArray();
    }
}
