package org.autotls.acme;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.autotls.testkit.Fault;

/**
 * Lets the deadline pass of whoever waits for an answer that never comes in full, once the CA has got the request, until
 * it is ended. Other requests have all the time that they need.
 */
final class Stall {

    private final JumpingClock clock;
    private boolean ended;

    Stall(JumpingClock clock) {
        this.clock = clock;
    }

    Fault of(Fault fault) {
        return (exchange, usual, closing) -> {
            passSoon();
            fault.answer(exchange, usual, closing);
        };
    }

    private void passSoon() {
        CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS).execute(this::pass);
    }

    private synchronized void pass() {
        if (ended) {
            return;
        }
        if (clock.underWay() == 0) {
            passSoon(); // the client sends first, and sets its deadline then
            return;
        }
        clock.expire();
    }

    synchronized void end() {
        ended = true;
    }
}
