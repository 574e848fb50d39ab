package org.autotls.rig;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.testkit.BindServer;

/** The part of the Hetzner Cloud API that writes TXT values, in front of a BIND that a CA can ask. */
final class HetznerFront implements AutoCloseable {

    private static final String ZONE = "example.test";
    private static final Pattern CHANGE = Pattern.compile("/zones/7/rrsets/([^/]+)/TXT/actions/(add|remove)_records");
    private static final Pattern SET = Pattern.compile("/zones/7/rrsets/([^/]+)/TXT");
    private static final Pattern VALUE = Pattern.compile("\"value\":\"\\\\\"([^\"\\\\]+)\\\\\"\"");

    private final HttpServer server;
    private final BindServer bind;
    private final String token;

    HetznerFront(BindServer bind, String token) {
        this.bind = bind;
        this.token = token;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            boolean known =
                    ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String answer = known ? answer(exchange.getRequestURI().getPath(), body) : "401";
            boolean fails = answer.matches("[0-9]{3}");
            byte[] bytes = (fails ? "{\"error\":{\"message\":\"no\"}}" : answer).getBytes(UTF_8);
            exchange.sendResponseHeaders(fails ? Integer.parseInt(answer) : 200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String answer(String path, String body) {
        Matcher change = CHANGE.matcher(path);
        Matcher value = VALUE.matcher(body);
        if (change.matches() && value.find()) {
            String name = change.group(1) + "." + ZONE;
            if (change.group(2).equals("add")) {
                bind.addTxt(name, value.group(1));
            } else {
                bind.removeTxt(name, value.group(1));
            }
            return "{\"action\":{\"status\":\"success\"}}";
        }
        Matcher set = SET.matcher(path);
        if (set.matches()) {
            String records = String.join(
                    ",",
                    bind.txt(set.group(1) + "." + ZONE).stream()
                            .map(txt -> "{\"value\":\"\\\"" + txt + "\\\"\"}")
                            .toList());
            return records.isEmpty() ? "404" : "{\"rrset\":{\"records\":[" + records + "]}}";
        }
        return path.equals("/zones/" + ZONE) ? "{\"zone\":{\"id\":7,\"name\":\"example.test\"}}" : "404";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
