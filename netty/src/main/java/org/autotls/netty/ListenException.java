package org.autotls.netty;

import static java.util.Objects.requireNonNull;

import org.autotls.endpoint.ListenAddress;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint could not listen on its address. Nothing was started and nothing written; the message says what a person can
 * do about it.
 */
public final class ListenException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient ListenAddress address;

    ListenException(ListenAddress address, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.address = requireNonNull(address, "address");
    }

    /**
     * Returns where it tried to listen.
     *
     * @return the address
     */
    public ListenAddress address() {
        return address;
    }
}
