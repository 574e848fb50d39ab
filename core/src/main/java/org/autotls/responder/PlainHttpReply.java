package org.autotls.responder;

import java.util.Map;

/**
 * What a request over plain http is answered with. Immutable.
 *
 * @param status the status code
 * @param headers all that is to be sent besides Content-Length and what the connection needs
 * @param body ASCII; empty for none. Not sent for HEAD
 */
public record PlainHttpReply(int status, Map<String, String> headers, String body) {

    private static final String NOSNIFF = "X-Content-Type-Options"; // nothing a browser could take for a page

    /** The request cannot be read, or names no host. */
    static final PlainHttpReply BAD_REQUEST = new PlainHttpReply(400, Map.of(NOSNIFF, "nosniff"), "");

    static final PlainHttpReply NOT_FOUND = new PlainHttpReply(404, Map.of(NOSNIFF, "nosniff"), "");

    /** Copies the headers. */
    public PlainHttpReply {
        headers = Map.copyOf(headers);
    }

    /** A key authorization, exactly: no line end. */
    static PlainHttpReply ok(String keyAuthorization) {
        return new PlainHttpReply(
                200, Map.of("Content-Type", "application/octet-stream", NOSNIFF, "nosniff"), keyAuthorization);
    }

    /** 301 for what is only read; 308, which keeps method and body, for the rest. */
    static PlainHttpReply redirect(String location, boolean reading) {
        return new PlainHttpReply(reading ? 301 : 308, Map.of("Location", location, NOSNIFF, "nosniff"), "");
    }

    /**
     * Returns the words that go with the status in HTTP/1.1.
     *
     * @return the reason phrase
     */
    public String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 301 -> "Moved Permanently";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            default -> "Not Found";
        };
    }
}
