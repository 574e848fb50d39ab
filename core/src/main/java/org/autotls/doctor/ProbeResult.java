package org.autotls.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import org.autotls.Text;

/**
 * What came of a {@link Probe}. Immutable.
 *
 * @param address who was asked
 * @param kind what happened
 * @param detail what was said instead of the answer, or where the redirect leads; not escaped
 */
record ProbeResult(InetAddress address, Kind kind, String detail) {

    /** What happened. */
    enum Kind {
        /** The answer to the challenge. */
        ANSWERED,
        /** A redirect (http only). */
        REDIRECTED,
        /** Something else than the answer. */
        OTHER,
        /** The connection was refused. */
        REFUSED,
        /** Nothing came back. */
        SILENT,
        /** This machine has no way there, an IPv6 address without IPv6, say. */
        NO_WAY
    }

    /** Reads why connecting failed; the JDK tells some of it in words only. */
    static ProbeResult notConnected(InetAddress address, IOException failure) {
        String said = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        Kind kind;
        if (failure instanceof NoRouteToHostException || said.contains("unreachable")) {
            kind = Kind.NO_WAY;
        } else if (failure instanceof SocketTimeoutException || said.contains("timed out")) {
            kind = Kind.SILENT;
        } else {
            kind = Kind.REFUSED;
        }
        return new ProbeResult(address, kind, "");
    }

    boolean isUnreachable() {
        return kind == Kind.REFUSED || kind == Kind.SILENT || kind == Kind.NO_WAY;
    }

    /** The address, and what is to be said of it. */
    @Override
    public String toString() {
        String what = switch (kind) {
            case ANSWERED -> "answers the challenge";
            case REDIRECTED -> "redirects to " + detail;
            case OTHER -> detail;
            case REFUSED -> "refuses the connection";
            case SILENT -> "does not answer";
            case NO_WAY -> "cannot be reached from this machine, which has no route to it";
        };
        return Text.escape(address.getHostAddress() + " " + what);
    }
}
