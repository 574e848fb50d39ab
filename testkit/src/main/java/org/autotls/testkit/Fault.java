package org.autotls.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.autotls.testkit.FakeCa.Reply;

/**
 * One answer of a {@link FakeCa} that is not what a sound CA would say.
 *
 * <p><b>Threads.</b> Immutable.
 */
@FunctionalInterface
public interface Fault {

    /** The CA works on the request as usual when this is called; not calling it means that the CA never saw it. */
    @FunctionalInterface
    interface Usual {

        /**
         * Does what a sound CA does.
         *
         * @return its answer
         */
        Reply reply();
    }

    /**
     * Answers, or does not.
     *
     * @param exchange the request; its body has been read
     * @param usual what a sound CA would do
     * @param closing counted down when the CA closes, so that nothing stalls for ever
     * @throws IOException if the client went away
     */
    void answer(HttpExchange exchange, Usual usual, CountDownLatch closing) throws IOException;

    /**
     * A fixed answer; the request is not worked on.
     *
     * @param status the HTTP status
     * @param body the whole body
     * @param headers names and values in turn
     * @return the fault
     */
    static Fault reply(int status, String body, String... headers) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i], headers[i + 1]);
        }
        return (exchange, usual, closing) ->
                new Reply(status, all, body.getBytes(StandardCharsets.UTF_8)).send(exchange);
    }

    /**
     * A problem document; the request is not worked on.
     *
     * @param status the HTTP status
     * @param type without the URN prefix
     * @param headers names and values in turn
     * @return the fault
     */
    static Fault problem(int status, String type, String... headers) {
        String[] all = Arrays.copyOf(headers, headers.length + 2);
        all[headers.length] = "Content-Type";
        all[headers.length + 1] = "application/problem+json";
        return reply(
                status,
                "{\"type\":\"urn:ietf:params:acme:error:" + type + "\",\"detail\":\"scripted " + type + "\"}",
                all);
    }

    /**
     * The usual answer with another body.
     *
     * @param change makes the body sent from the usual one
     * @return the fault
     */
    static Fault rewrite(UnaryOperator<String> change) {
        return (exchange, usual, closing) -> {
            Reply reply = usual.reply();
            String body = change.apply(new String(reply.body(), StandardCharsets.UTF_8));
            new Reply(reply.status(), reply.headers(), body.getBytes(StandardCharsets.UTF_8)).send(exchange);
        };
    }

    /**
     * The request is worked on, but the answer is lost: the connection breaks after a part of it.
     *
     * @return the fault
     */
    static Fault loseAnswer() {
        return (exchange, usual, closing) -> {
            byte[] body = usual.reply().body();
            exchange.sendResponseHeaders(200, body.length + 1000L);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            throw new IOException("scripted: connection broken");
        };
    }

    /**
     * Headers, then nothing.
     *
     * @return the fault
     */
    static Fault stall() {
        return (exchange, usual, closing) -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await(closing, Long.MAX_VALUE);
        };
    }

    /**
     * Not even headers.
     *
     * @return the fault
     */
    static Fault silence() {
        return (exchange, usual, closing) -> await(closing, Long.MAX_VALUE);
    }

    /**
     * A body that goes on for ever, one byte each tenth of a second.
     *
     * @return the fault
     */
    static Fault drip() {
        return (exchange, usual, closing) -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            do {
                out.write(' ');
                out.flush();
            } while (!await(closing, 100));
        };
    }

    /**
     * A body of blanks.
     *
     * @param bytes how many
     * @return the fault
     */
    static Fault huge(long bytes) {
        return (exchange, usual, closing) -> {
            exchange.sendResponseHeaders(200, bytes);
            byte[] block = new byte[1 << 16];
            Arrays.fill(block, (byte) ' ');
            OutputStream out = exchange.getResponseBody();
            for (long left = bytes; left > 0; left -= block.length) {
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        };
    }

    private static boolean await(CountDownLatch closing, long millis) {
        try {
            return closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
