package org.autotls.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a {@link FakeCa} refuses a request with, RFC 8555 §6.7. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * Makes a refusal.
     *
     * @param status the HTTP status
     * @param type without the URN prefix
     * @param detail for a person
     */
    Refusal(int status, String type, String detail) {
        super(detail);
        this.status = status;
        this.type = type;
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    Refusal withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    Map<String, String> headers() {
        return headers;
    }
}
