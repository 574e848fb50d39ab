package org.autotls.rfc2136;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.autotls.Text;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;

/**
 * One message to one DNS server, and its answer: over UDP, and over TCP when the answer was cut. Tried twice: a datagram may
 * be lost, and anybody may send a wrong one. What comes back has been parsed within the 64 KiB that a message can have;
 * dnsjava has compared its number and its question with ours.
 *
 * <p><b>Threads.</b> Immutable; safe for many threads.
 */
final class Exchange {

    private static final int TRIES = 2;
    private static final int MAX_PAYLOAD = 1232; // no fragments: DNS flag day 2020

    private final Duration timeout;

    /**
     * Makes exchanges.
     *
     * @param timeout for one try
     */
    Exchange(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * Sends, and waits for the answer.
     *
     * @throws IssueException of kind {@code NETWORK} if there was none, {@code UNPROVED} if it cannot be read,
     *     {@code STOPPED} if the thread was interrupted
     */
    Message send(InetSocketAddress server, Message message, @Nullable TSIG key) {
        IssueException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                return once(server, message.clone(), key);
            } catch (IssueException e) {
                if (e.kind() == Kind.STOPPED) {
                    throw e;
                }
                last = e;
            }
        }
        throw last == null ? new IllegalStateException("no try was made") : last;
    }

    private Message once(InetSocketAddress server, Message message, @Nullable TSIG key) {
        SimpleResolver resolver = new SimpleResolver(server);
        resolver.setTimeout(timeout);
        resolver.setEDNS(0, MAX_PAYLOAD, 0, java.util.List.of());
        if (key != null) {
            resolver.setTSIGKey(key);
        }
        message.getHeader().setID(new Message().getHeader().getID());
        CompletableFuture<Message> answer = resolver.sendAsync(message).toCompletableFuture();
        try {
            // UDP and then TCP, each with its own timeout; the third is for what hangs elsewhere.
            return checked(server, answer.get(timeout.toMillis() * 3, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IssueException(Kind.STOPPED, "asking the DNS server " + shown(server) + " was stopped", e);
        } catch (TimeoutException e) {
            throw silent(server, e);
        } catch (ExecutionException e) {
            throw failed(server, e.getCause() == null ? e : e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static Message checked(InetSocketAddress server, Message answer) {
        if (!answer.getHeader().getFlag(Flags.QR)) {
            throw new IssueException(Kind.UNPROVED, "the DNS server " + shown(server) + " sends a question back");
        }
        return answer;
    }

    private static IssueException failed(InetSocketAddress server, Throwable cause) {
        boolean garbage =
                cause.getClass().getSimpleName().toLowerCase(Locale.ROOT).contains("parse");
        if (cause instanceof IOException && !garbage) {
            return silent(server, cause);
        }
        return new IssueException(
                Kind.UNPROVED,
                "the DNS server " + shown(server) + " sends what is no DNS answer: "
                        + Text.escape(String.valueOf(cause.getMessage())),
                cause);
    }

    private static IssueException silent(InetSocketAddress server, Throwable cause) {
        return new IssueException(
                Kind.NETWORK,
                "no answer from the DNS server " + shown(server) + ": is it there, and does a firewall let UDP and TCP"
                        + " through?",
                cause);
    }

    /** Address and port. */
    static String shown(InetSocketAddress server) {
        String host = server.isUnresolved()
                ? server.getHostString()
                : server.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + server.getPort();
    }

    /** A name as the root package writes it: lower case, without the final dot. */
    static String plain(Name name) {
        return name.toString(true).toLowerCase(Locale.ROOT);
    }

    /** The reverse of {@link #plain}. */
    static Name absolute(String name) {
        try {
            return Name.fromString(name, Name.root);
        } catch (org.xbill.DNS.TextParseException e) {
            throw new IllegalArgumentException("'" + Text.escape(name) + "' is not a DNS name", e);
        }
    }
}
