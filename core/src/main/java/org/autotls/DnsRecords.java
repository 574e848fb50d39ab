package org.autotls;

/**
 * Writes TXT values into a zone, for dns-01: the part that differs from one DNS provider to the next.
 *
 * <p>A name may hold other values: those of another order, another process, or of something else altogether. They stay as
 * they are, whatever is added or removed here, also when two processes do that at once.
 *
 * <p><b>Threads.</b> Safe for many threads. Both methods may block, for a bounded time.
 *
 * <p>An implementation is correct when it passes {@code DnsRecordsContract} of the testkit.
 */
public interface DnsRecords {

    /**
     * Adds one value at a name. If it is there already, that is no error and it is not there twice. It need not be visible
     * yet at every server of the zone when this returns.
     *
     * @param record what to add
     * @return what {@link #remove} needs besides the record, such as the provider's number for it; may be stored; empty if
     *     it needs nothing. No line breaks and no secret
     * @throws IssueException if it could not be added; the message says what to do
     */
    String add(TxtRecord record);

    /**
     * Removes that value and no other. If it is gone, that is no error. May be called in another process than {@link #add}.
     *
     * @param record what was added
     * @param id what {@link #add} returned; empty if a crash came before it could be stored, and then the value is found by
     *     name and content
     * @throws IssueException if it could not be removed; the message says what to do
     */
    void remove(TxtRecord record, String id);
}
