package org.autotls.doctor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.autotls.Identifier;
import org.autotls.Scheduler;
import org.autotls.Text;
import org.autotls.responder.Http01Responder;

/**
 * Asks as a CA does for http-01 (RFC 8555 §8.3), but follows no redirect: it tells where one leads, and never fetches what a
 * stranger names. Reads 16 KiB at most. Immutable; safe for many threads.
 */
final class HttpProbe implements Probe {

    private static final int MOST = 16 << 10;
    private static final int HTTP = 80;
    private static final int SHOWN = 60;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})[^\\n]*\\n");
    private static final Pattern LOCATION = Pattern.compile("\\n[Ll]ocation:[ \\t]*([^\\r\\n]*)");

    private final Rehearsal rehearsal;
    private final int port;
    private final Scheduler scheduler;
    private final Duration limit;

    HttpProbe(Rehearsal rehearsal, int port, Scheduler scheduler, Duration limit) {
        this.rehearsal = rehearsal;
        this.port = port;
        this.scheduler = scheduler;
        this.limit = limit;
    }

    @Override
    public ProbeResult ask(InetAddress address, Identifier identifier) {
        try (Dialed dialed = Dialed.open(address, port, scheduler, limit)) {
            return judge(address, exchange(dialed, identifier));
        } catch (IOException e) {
            return ProbeResult.notConnected(address, e);
        }
    }

    /** What was said, as far as it came; an error after connecting is an answer that ends there. */
    private String exchange(Dialed dialed, Identifier identifier) {
        StringBuilder said = new StringBuilder();
        try {
            dialed.socket().getOutputStream().write(request(identifier).getBytes(ISO_8859_1));
            byte[] buffer = new byte[4096];
            int read = dialed.socket().getInputStream().read(buffer);
            while (read >= 0 && said.length() < MOST) {
                said.append(new String(buffer, 0, read, ISO_8859_1));
                read = dialed.socket().getInputStream().read(buffer);
            }
        } catch (IOException e) {
            return said.toString();
        }
        return said.toString();
    }

    private String request(Identifier identifier) {
        String host = identifier.value().indexOf(':') >= 0 ? "[" + identifier + "]" : identifier.value();
        return "GET " + Http01Responder.PATH_PREFIX + rehearsal.token() + " HTTP/1.1\r\nHost: " + host
                + (port == HTTP ? "" : ":" + port) + "\r\nUser-Agent: autotls-doctor\r\nConnection: close\r\n\r\n";
    }

    private ProbeResult judge(InetAddress address, String said) {
        Matcher status = STATUS.matcher(said);
        if (!status.lookingAt()) {
            String what = said.isEmpty() ? "says nothing" : "says " + quoted(said) + ", which is not HTTP";
            return new ProbeResult(address, ProbeResult.Kind.OTHER, what);
        }
        int end = said.indexOf("\r\n\r\n");
        String body = end < 0 ? "" : said.substring(end + 4);
        Matcher location = LOCATION.matcher(end < 0 ? said : said.substring(0, end));
        if (status.group(1).startsWith("3") && location.find()) {
            return new ProbeResult(
                    address, ProbeResult.Kind.REDIRECTED, location.group(1).strip());
        }
        return status.group(1).equals("200") && body.contains(rehearsal.keyAuthorization())
                ? new ProbeResult(address, ProbeResult.Kind.ANSWERED, "")
                : new ProbeResult(
                        address, ProbeResult.Kind.OTHER, "answers the challenge with HTTP " + status.group(1));
    }

    private static String quoted(String said) {
        return "'" + Text.escape(said, SHOWN) + "'";
    }
}
