package org.autotls.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.autotls.Text;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MimeTypes;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.proxy.ProxyHandler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Hands requests to one origin over plain HTTP/1.1, whatever HTTP the client speaks.
 *
 * <p>The origin sees the client's own {@code Host}, and who asked in {@code X-Forwarded-For}, {@code -Proto}, {@code -Host}
 * and {@code Forwarded} (RFC 7239). What the client sent under such names is dropped: only we know who connected to us.
 *
 * <p>Upgrades (WebSocket) are refused with 501: {@code proxy --to tcp:HOST:PORT} passes them. An origin that cannot be
 * reached is 502, one that stays silent 504, each with a line that says so.
 */
final class ReverseProxy extends ProxyHandler.Reverse {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** How long the origin may be silent. Long, since answers that are computed or streamed may pause. */
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private static final int MAX_CONNECTIONS = 256;

    /** What a client must not be able to say for itself; {@code Proxy} would become HTTP_PROXY in a CGI (httpoxy). */
    private static final Set<String> NOT_FROM_CLIENTS = Set.of("forwarded", "x-real-ip", "proxy");

    private static final String FORWARDED_PREFIX = "x-forwarded-";

    /**
     * Valid paths that Jetty refuses, since a server could read them in two ways: here the origin reads them, as they came.
     * Characters that no URL has stay refused: over HTTP/2 a space could come here, and end the path in HTTP/1.1.
     */
    static final UriCompliance PATHS = UriCompliance.from(EnumSet.of(
            Violation.AMBIGUOUS_EMPTY_SEGMENT,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.AMBIGUOUS_PATH_PARAMETER,
            Violation.AMBIGUOUS_PATH_SEGMENT,
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.BAD_UTF8_ENCODING,
            Violation.TRUNCATED_UTF8_ENCODING,
            Violation.SUSPICIOUS_PATH_CHARACTERS));

    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final URI origin;
    private final AtomicBoolean answering = new AtomicBoolean(true);

    /**
     * Makes the handler.
     *
     * @param origin {@code http://host:port}, without a path
     */
    ReverseProxy(URI origin) {
        super(request -> HttpURI.build(request.getHttpURI())
                .scheme(origin.getScheme())
                .authority(origin.getRawAuthority())
                .asImmutable());
        this.origin = origin;
        setViaHost("autotls");
    }

    @Override
    protected void configureHttpClient(HttpClient client) {
        super.configureHttpClient(client);
        client.setConnectTimeout(CONNECT_TIMEOUT.toMillis());
        client.setIdleTimeout(SILENCE.toMillis());
        client.setMaxConnectionsPerDestination(MAX_CONNECTIONS);
        client.setUserAgentField(null); // the client's own goes through, or none
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (request.getHeaders().contains(HttpHeader.UPGRADE) || HttpMethod.CONNECT.is(request.getMethod())) {
            answer(response, callback, HttpStatus.NOT_IMPLEMENTED_501, UPGRADE_REFUSED);
            return true;
        }
        if (SPACE.matcher(request.getHttpURI().getPathQuery()).find()) {
            Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
            return true;
        }
        return super.handle(request, response, callback);
    }

    /** HTTP/2 lets a space into a query; in HTTP/1.1 it would end there. Jetty judges paths only. */
    private static final Pattern SPACE = Pattern.compile("[\\x00-\\x20\\x7f]");

    private static final String UPGRADE_REFUSED =
            "autotls proxy: WebSocket and other upgrades are not passed to an http://"
                    + " origin; run it with --to tcp:HOST:PORT, which passes every byte\n";

    @Override
    protected org.eclipse.jetty.client.Request newProxyToServerRequest(Request request, HttpURI rewritten) {
        // Not by java.net.URI, which refuses characters that browsers send: the path goes out as it came in.
        return getHttpClient().newRequest(origin).method(request.getMethod()).path(asItCame(rewritten.getPathQuery()));
    }

    /** The client of Jetty would take {@code //a//b} for the path {@code //b} at the host {@code a}. */
    private String asItCame(String pathQuery) {
        if (!pathQuery.startsWith("//")) {
            return pathQuery;
        }
        try {
            return new URI("//" + origin.getRawAuthority() + pathQuery).toString(); // it takes the path out of it
        } catch (URISyntaxException e) {
            return pathQuery; // what is no URI it sends unread
        }
    }

    @Override
    protected void copyRequestHeaders(Request request, org.eclipse.jetty.client.Request toOrigin) {
        super.copyRequestHeaders(request, toOrigin);
        toOrigin.headers(headers -> {
            for (Iterator<HttpField> all = headers.listIterator(); all.hasNext(); ) {
                if (isNotForClientsToSay(all.next().getLowerCaseName())) {
                    all.remove();
                }
            }
            headers.put(HttpHeader.HOST, hostOf(request)); // HTTP/2 has no such header, but :authority
            List<String> cookies = headers.getValuesList(HttpHeader.COOKIE);
            if (cookies.size() > 1) {
                headers.put(HttpHeader.COOKIE, String.join("; ", cookies)); // RFC 9113 §8.2.3
            }
        });
    }

    /** A CGI or WSGI makes one variable of {@code X-Forwarded-For} and {@code X_Forwarded_For}. */
    private static boolean isNotForClientsToSay(String lowerCaseName) {
        String name = lowerCaseName.replace('_', '-');
        return NOT_FROM_CLIENTS.contains(name) || name.startsWith(FORWARDED_PREFIX);
    }

    @Override
    protected void addForwardedHeader(Request request, org.eclipse.jetty.client.Request toOrigin) {
        String client = Request.getRemoteAddr(request);
        String host = hostOf(request);
        toOrigin.headers(headers -> {
            if (!client.isEmpty()) {
                headers.put("X-Forwarded-For", client.replaceAll("[\\[\\]]", ""));
            }
            headers.put("X-Forwarded-Proto", "https")
                    .put("X-Forwarded-Host", host)
                    .put(
                            HttpHeader.FORWARDED,
                            "for=" + node(client) + ";host=\"" + host.replace("\"", "") + "\";proto=https");
        });
    }

    /** What RFC 7239 §6 calls a node. A client on a unix socket has no address. */
    static String node(String client) {
        if (client.isEmpty()) {
            return "unknown";
        }
        boolean ipv6 = client.indexOf(':') >= 0;
        return ipv6 ? "\"" + (client.startsWith("[") ? client : "[" + client + "]") + "\"" : client;
    }

    @Override
    protected void sendProxyToServerRequest(
            Request request, org.eclipse.jetty.client.Request toOrigin, Response response, Callback callback) {
        // Jetty 12.1.14 looks for Content-Length and Transfer-Encoding only and drops the content of an HTTP/2
        // request that has neither. Whether there is any cannot be known yet; GET and HEAD have none that means
        // something (RFC 9110 §9.3.1), and for the other methods an empty chunked body does no harm.
        boolean unannounced = request.getLength() < 0
                && request.getConnectionMetaData().getHttpVersion().getVersion() >= HttpVersion.HTTP_2.getVersion();
        if (unannounced && toOrigin.getBody() == null && !READING.contains(request.getMethod())) {
            toOrigin.body(newProxyToServerRequestContent(request, response, toOrigin));
        }
        super.sendProxyToServerRequest(request, toOrigin, response, callback);
    }

    @Override
    protected void onServerToProxyResponseFailure(
            Request request,
            org.eclipse.jetty.client.Request toOrigin,
            org.eclipse.jetty.client.Response fromOrigin,
            Response response,
            Callback callback,
            Throwable failure) {
        boolean silent = failure instanceof TimeoutException;
        String why = silent ? "it was silent for " + SILENCE.toSeconds() + " s" : reason(failure);
        if (isRunning() && answering.getAndSet(false)) { // who stops breaks connections off by itself
            Logs.APP.warn("The origin {} does not answer: {}. Clients get 502 until it does.", origin, why);
        }
        if (response.isCommitted()) {
            callback.failed(failure); // too late for a status: the client sees the connection or stream break
            return;
        }
        response.reset();
        answer(
                response,
                callback,
                silent ? HttpStatus.GATEWAY_TIMEOUT_504 : HttpStatus.BAD_GATEWAY_502,
                "autotls proxy: the origin does not answer\n");
    }

    @Override
    protected void onProxyToClientResponseComplete(
            Request request,
            org.eclipse.jetty.client.Request toOrigin,
            org.eclipse.jetty.client.Response fromOrigin,
            Response response,
            Callback callback) {
        if (!answering.getAndSet(true)) {
            Logs.APP.info("The origin {} answers again.", origin);
        }
        super.onProxyToClientResponseComplete(request, toOrigin, fromOrigin, response, callback);
    }

    private static String hostOf(Request request) {
        String host = request.getHeaders().get(HttpHeader.HOST);
        if (host != null) {
            return host;
        }
        String authority = request.getHttpURI().getAuthority();
        return authority == null ? "" : authority;
    }

    private static String reason(Throwable failure) {
        String message = failure.getMessage();
        return Text.escape(message == null ? failure.getClass().getSimpleName() : message);
    }

    private static void answer(Response response, Callback callback, int status, String text) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, MimeTypes.Type.TEXT_PLAIN_UTF_8.asString());
        Content.Sink.write(response, true, text, callback);
    }
}
