package org.autotls.doctor;

import java.net.InetAddress;
import org.autotls.Identifier;

/** Asks for the answer to the {@link Rehearsal}'s challenge as a CA would, at one address. Blocks for a bounded time. */
@FunctionalInterface
interface Probe {

    /** Asks; whatever goes wrong is a result. */
    ProbeResult ask(InetAddress address, Identifier identifier);
}
