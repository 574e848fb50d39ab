package org.autotls.responder;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Decides what requests over plain http, usually on port 80, are answered with: http-01 challenges (RFC 8555 §8.3) by their
 * key authorization, everything else by a redirect to https on the same host. {@link Http01Server} serves it on a port of its
 * own; a server that listens on port 80 already asks {@link #answer} for each request.
 *
 * <p>Only hosts that are served over https are redirected; any other Host is answered with 404 and never repeated back.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads. Takes no lock and does no I/O.
 */
public final class PlainHttp {

    private static final int HTTPS = 443;

    private final Http01Responder responder;
    private final Predicate<String> ours;
    private final int httpsPort;

    /**
     * Makes the answers.
     *
     * @param responder what answers challenges
     * @param ours whether a host (lower-case ASCII, without port) is one that we serve over https; must not block
     * @param httpsPort where redirects go; 443 is left out of the URL
     */
    public PlainHttp(Http01Responder responder, Predicate<String> ours, int httpsPort) {
        this.responder = responder;
        this.ours = ours;
        this.httpsPort = httpsPort;
    }

    /**
     * Decides, in this order.
     *
     * <ol>
     *   <li>GET or HEAD for a challenge that is pending for this very host: 200 with the key authorization.
     *   <li>Anything else under {@link Http01Responder#PATH_PREFIX}: 404; a redirect would only send the CA to another
     *       refusal.
     *   <li>A host that is served over https: a redirect there, 301 for GET and HEAD, 308 for the rest.
     *   <li>Everything else: 404.
     * </ol>
     *
     * @param method as sent
     * @param host the Host header (over HTTP/2 the authority) as sent; empty if there is none
     * @param target path and query as sent, not decoded; begins with a slash
     * @return what to send
     */
    public PlainHttpReply answer(String method, String host, String target) {
        if (!target.startsWith("/") || target.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            return PlainHttpReply.BAD_REQUEST;
        }
        boolean reading = method.equals("GET") || method.equals("HEAD");
        Optional<String> challenge = reading ? responder.answer(host, target) : Optional.empty();
        if (challenge.isPresent()) {
            return PlainHttpReply.ok(challenge.get());
        }
        if (target.startsWith(Http01Responder.PATH_PREFIX)) {
            return PlainHttpReply.NOT_FOUND;
        }
        return Http01Responder.normalize(host)
                .filter(ours)
                .map(name -> PlainHttpReply.redirect(location(name, target), reading))
                .orElse(PlainHttpReply.NOT_FOUND);
    }

    private String location(String host, String target) {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return "https://" + shown + (httpsPort == HTTPS ? "" : ":" + httpsPort) + target;
    }
}
