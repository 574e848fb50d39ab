package org.autotls.responder;

import java.nio.charset.StandardCharsets;

/**
 * A whole HTTP/1.1 reply; the connection closes after it. Immutable.
 *
 * @param status code and reason
 * @param header one more header line with its line end, or empty
 * @param body ASCII
 */
record HttpReply(String status, String header, String body) {

    static final HttpReply BAD_REQUEST = new HttpReply("400 Bad Request", "", "");
    static final HttpReply NOT_FOUND = new HttpReply("404 Not Found", "", "");

    /** A key authorization, exactly: no line end, and nothing a browser could take for a page. */
    static HttpReply ok(String keyAuthorization) {
        return new HttpReply("200 OK", "Content-Type: application/octet-stream\r\n", keyAuthorization);
    }

    /** 301 for what is only read; 308, which keeps method and body, for the rest. */
    static HttpReply redirect(String location, boolean reading) {
        return new HttpReply(
                reading ? "301 Moved Permanently" : "308 Permanent Redirect", "Location: " + location + "\r\n", "");
    }

    byte[] encode(boolean headOnly) {
        String head = "HTTP/1.1 " + status + "\r\n" + header + "Content-Length: " + body.length() + "\r\n"
                + "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
        return (headOnly ? head : head + body).getBytes(StandardCharsets.US_ASCII);
    }
}
