package org.autotls.responder;

import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.autotls.Challenge;
import org.autotls.Identifier;
import org.autotls.Presentation;
import org.autotls.Responder;
import org.autotls.internal.IpAddresses;

/**
 * Answers http-01 (RFC 8555 §8.3) from memory. {@link Http01Server} serves it on a port of its own; to mount it in a server
 * that is there already, ask {@link #answer} first for every GET and HEAD request over plain HTTP on port 80:
 *
 * <pre>{@code
 * Optional<String> body = responder.answer(request.header("Host"), request.rawPath());
 * // present: 200, Content-Type: application/octet-stream, X-Content-Type-Options: nosniff, the body as it is
 * // empty: what the server would have done without us, with all its filters
 * }</pre>
 *
 * <p>A challenge is forgotten after an hour, whether it was cleaned up or not; at most 10,000 are pending.
 *
 * <p><b>Threads.</b> Safe for many threads. {@link #answer} takes no lock and no I/O.
 */
public final class Http01Responder implements Responder {

    /** What the path of every http-01 request begins with. */
    public static final String PATH_PREFIX = "/.well-known/acme-challenge/";

    private static final String TYPE = "http-01";
    private static final Pattern PORT = Pattern.compile(":\\d{0,5}$");
    private static final int LONGEST_HOST = 300;

    private final PendingChallenges<String> pending;

    /**
     * Makes a responder.
     *
     * @param clock when challenges are forgotten
     */
    public Http01Responder(InstantSource clock) {
        this.pending = new PendingChallenges<>(clock);
    }

    @Override
    public String challengeType() {
        return TYPE;
    }

    @Override
    public Presentation present(Challenge challenge) {
        pending.add(challenge.token(), challenge, challenge.keyAuthorization());
        return new Presentation(TYPE, challenge.identifier(), challenge.token());
    }

    @Override
    public void cleanUp(Presentation presentation) {
        pending.remove(presentation.value(), presentation.identifier(), presentation.value());
    }

    /**
     * Returns the body for a request, if it asks for a challenge that is pending for this very host. Everything else, a
     * query or a path that is only similar included, is not ours.
     *
     * @param host the Host header as sent: case, port, brackets and a final dot do not matter
     * @param path the request's path as sent, not decoded
     * @return the key authorization; empty if this request is not ours to answer
     */
    public Optional<String> answer(String host, String path) {
        if (!path.startsWith(PATH_PREFIX)) {
            return Optional.empty();
        }
        return normalize(host)
                .flatMap(name -> pending.find(
                        path.substring(PATH_PREFIX.length()),
                        identifier -> identifier.value().equals(name)));
    }

    /** The identifier's text that a Host header names. */
    static Optional<String> normalize(String host) {
        if (host.length() > LONGEST_HOST) {
            return Optional.empty();
        }
        String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
        boolean bracketed = name.startsWith("[") && name.endsWith("]");
        try {
            return Optional.of(
                    bracketed
                            ? IpAddresses.canonical(name.substring(1, name.length() - 1))
                            : Identifier.of(name).value());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // nothing that a challenge could be for
        }
    }
}
