package org.autotls;

/**
 * A store could not be read or written. Whether the same call may succeed later is what a caller needs to know:
 * {@link #isRetryable}.
 */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whether a retry may help. */
    private final boolean retryable;

    /**
     * A failure that a person must mend, such as a directory without write permission.
     *
     * @param message names the place, the value and what was expected
     * @return never retryable
     */
    public static StoreException fatal(String message) {
        return new StoreException(message, null, false);
    }

    /**
     * A failure that a person must mend.
     *
     * @param message names the place, the value and what was expected
     * @param cause what the system said
     * @return never retryable
     */
    public static StoreException fatal(String message, Throwable cause) {
        return new StoreException(message, cause, false);
    }

    /**
     * A failure that may pass, such as a full disk or a lost connection.
     *
     * @param message names the place and the value
     * @param cause what the system said
     * @return retryable
     */
    public static StoreException retryable(String message, Throwable cause) {
        return new StoreException(message, cause, true);
    }

    private StoreException(String message, @org.jspecify.annotations.Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /**
     * Tells whether the same call may succeed later without a person's help.
     *
     * @return whether to try again
     */
    public boolean isRetryable() {
        return retryable;
    }
}
