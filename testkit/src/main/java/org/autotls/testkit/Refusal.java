package org.autotls.testkit;

/** What a {@link FakeCa} refuses a request with, RFC 8555 §6.7. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;

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
}
