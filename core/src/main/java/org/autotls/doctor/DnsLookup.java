package org.autotls.doctor;

import java.net.InetAddress;
import java.util.List;
import org.autotls.DnsQueries;
import org.autotls.IssueException;

/**
 * What a CA asks of DNS, asked from here; and, since it extends {@link DnsQueries}, what dns-01 has to ask. Names are in
 * lower case, without the final dot. Aliases (CNAME) are followed, over eight steps at most.
 *
 * <p><b>Threads.</b> Safe for many threads. Every method may block, for a bounded time. Each fails with an
 * {@link IssueException}: of kind {@code NETWORK} if no server answered, {@code UNPROVED} if what was answered is of no use,
 * such as SERVFAIL.
 */
public interface DnsLookup extends DnsQueries {

    /**
     * Asks for the A and AAAA records of a name.
     *
     * @param name any name, which need not exist
     * @return every address; empty if there is none
     */
    List<InetAddress> addresses(String name);

    /**
     * Asks for the CAA records at one name, not above it.
     *
     * @param name any name, which need not exist
     * @return the records; empty if there is none
     */
    List<CaaRecord> caa(String name);
}
