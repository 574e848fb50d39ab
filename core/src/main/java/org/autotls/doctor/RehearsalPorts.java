package org.autotls.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.autotls.Identifier;
import org.autotls.Scheduler;
import org.autotls.doctor.PortUse.State;
import org.autotls.responder.Http01Responder;
import org.autotls.responder.Http01Server;
import org.autotls.responder.PlainHttp;
import org.autotls.responder.TlsAlpn01Responder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the ports that challenges would be answered on, if nobody has them, and answers a {@link Rehearsal} there until it is
 * closed.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
public final class RehearsalPorts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RehearsalPorts.class);
    private static final int HTTPS = 443;

    private final Collection<Identifier> identifiers;
    private final Scheduler scheduler;
    private final SecureRandom random;
    private final Rehearsal rehearsal;
    private final List<AutoCloseable> open = new ArrayList<>();
    private PortUse http;
    private PortUse tls;

    /**
     * Opens nothing yet.
     *
     * @param identifiers what is answered for
     * @param askedHttp where CAs ask for http-01
     * @param askedTls where CAs ask for tls-alpn-01
     * @param scheduler the present
     * @param random a source fit for keys
     */
    public RehearsalPorts(
            Collection<Identifier> identifiers, int askedHttp, int askedTls, Scheduler scheduler, SecureRandom random) {
        this.identifiers = List.copyOf(identifiers);
        this.scheduler = scheduler;
        this.random = random;
        this.rehearsal = new Rehearsal(random);
        this.http = new PortUse(State.UNKNOWN, "", askedHttp);
        this.tls = new PortUse(State.UNKNOWN, "", askedTls);
    }

    /**
     * Opens a port for http-01; that it cannot be opened is a result.
     *
     * @param port 1 to 65535, or 0 for any
     */
    public void openHttp(int port) {
        Http01Responder responder = new Http01Responder(scheduler);
        rehearsal.present(responder, identifiers);
        PlainHttp answers = new PlainHttp(responder, host -> false, HTTPS);
        http = opened(http, () -> Http01Server.start(new InetSocketAddress(port), answers));
    }

    /**
     * Opens a port for tls-alpn-01; that it cannot be opened is a result.
     *
     * @param port how
     */
    public void openTls(TlsPort port) {
        TlsAlpn01Responder responder = new TlsAlpn01Responder(scheduler, random);
        rehearsal.present(responder, identifiers);
        tls = opened(tls, () -> port.open(responder));
    }

    /**
     * Returns how it went.
     *
     * @return who has which port
     */
    public Ports ports() {
        return new Ports(http, tls, rehearsal);
    }

    @FunctionalInterface
    private interface Opening {
        AutoCloseable open() throws IOException;
    }

    private PortUse opened(PortUse use, Opening opening) {
        try {
            open.add(opening.open());
            return use.with(State.OURS, "");
        } catch (IOException | RuntimeException e) {
            return use.with(isTaken(e) ? State.TAKEN : State.CLOSED, String.valueOf(e.getMessage()));
        }
    }

    /** The system tells in words only. */
    private static boolean isTaken(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (String.valueOf(cause.getMessage()).contains("already in use")) {
                return true;
            }
        }
        return false;
    }

    /** Closes what was opened. */
    @Override
    public void close() {
        for (AutoCloseable port : open) {
            try {
                port.close();
            } catch (Exception e) {
                LOG.warn("a port that was opened to look could not be closed: {}", port, e);
            }
        }
        open.clear();
    }
}
