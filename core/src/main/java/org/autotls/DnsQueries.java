package org.autotls;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What dns-01 has to ask of DNS. Names are in lower case, without the final dot.
 *
 * <p><b>Threads.</b> Safe for many threads. Every method may block, for a bounded time. Each fails with an
 * {@link IssueException}: of kind {@code NETWORK} if no server answered, {@code UNPROVED} if what was answered is of no use.
 */
public interface DnsQueries {

    /**
     * Asks an authoritative server what a name is an alias for (CNAME, or a DNAME above it); one step only.
     *
     * @param name any name, which need not exist
     * @return the name that it stands for, or empty if it is no alias
     */
    Optional<String> alias(String name);

    /**
     * Finds every address of every authoritative server of the zone that {@code name} lies in.
     *
     * @param name any name, which need not exist
     * @return at least one
     */
    List<InetSocketAddress> authorities(String name);

    /**
     * Asks one authoritative server, and no cache, for the TXT values at a name.
     *
     * @param server one of {@link #authorities}
     * @param name no alias
     * @return the values, each with its parts joined; empty if there are none
     */
    Set<String> txt(InetSocketAddress server, String name);
}
