package org.autotls.acme;

import org.autotls.IssueException;

/** The CA does not know our account any more (it was wiped, say): register again, once, and begin anew. */
final class AccountLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final IssueException failure;

    AccountLostException(IssueException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    /** What to report if registering again did not help. */
    IssueException failure() {
        return failure;
    }
}
