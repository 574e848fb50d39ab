package org.autotls.responder;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The first lines of an HTTP/1 request, as far as {@link Http01Server} looks at them (RFC 9112 §3). Immutable.
 *
 * @param method as sent
 * @param target path and query as sent; of an absolute-form target, only these
 * @param host the Host header, once; empty if there is none
 * @param isSound whether this is a request that can be answered at all
 */
record HttpRequestHead(String method, String target, String host, boolean isSound) {

    private static final Pattern REQUEST_LINE = Pattern.compile("([A-Z]{1,20}) ([!-~]+) HTTP/1\\.[01]");
    private static final Pattern HOST = Pattern.compile("[!-~]*");

    static HttpRequestHead parse(String head) {
        String[] lines = head.split("\r\n", -1);
        var first = REQUEST_LINE.matcher(lines[0]);
        if (!first.matches()) {
            return new HttpRequestHead("", "/", "", false);
        }
        String host = "";
        int hosts = 0;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0
                    && lines[i].substring(0, colon).toLowerCase(Locale.ROOT).equals("host")) {
                host = lines[i].substring(colon + 1).strip();
                hosts++;
            }
        }
        String target = first.group(2);
        // Absolute form is for proxies, which we are not; the Host of such a request would not count (RFC 9112 §3.2.2).
        boolean sound =
                hosts == 1 && target.startsWith("/") && HOST.matcher(host).matches();
        return new HttpRequestHead(first.group(1), target, host, sound);
    }
}
