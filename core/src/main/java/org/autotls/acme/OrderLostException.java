package org.autotls.acme;

import org.autotls.IssueException;

/**
 * The order can lead nowhere any more: it is invalid, gone, or belongs to another account. If it was resumed from the
 * journal a new one is placed at once; a new order that dies is a failure.
 */
final class OrderLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final IssueException failure;

    OrderLostException(IssueException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    /** What to report if no new order is placed. */
    IssueException failure() {
        return failure;
    }
}
