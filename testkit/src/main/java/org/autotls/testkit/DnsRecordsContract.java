package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.autotls.Challenge;
import org.autotls.DnsRecords;
import org.autotls.Identifier;
import org.autotls.TxtRecord;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DnsRecords} must do. Extend it, and say how the zone that yours writes to is looked at. Each test starts
 * with no value at the names that {@link #name} gives.
 */
public abstract class DnsRecordsContract {

    /** As long as the values of dns-01, and with every kind of character that these have. */
    private static final String VALUE = "gfj9Xq-R_85nN3yoYHhHnDnUNuQLYBXkGV0fsFNNKg0";

    private static final String OTHER = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";

    /** For subclasses. */
    protected DnsRecordsContract() {}

    /**
     * Makes what is tested; called several times in a test, it stands for several processes, or for one that was started
     * anew.
     *
     * @return what is tested
     */
    protected abstract DnsRecords records();

    /**
     * Returns a name in a zone that {@link #records} may write to.
     *
     * @param label tells names apart
     * @return for example {@code _acme-challenge.LABEL.example.test}
     */
    protected abstract String name(String label);

    /**
     * Looks at the zone, past all caches.
     *
     * @param name from {@link #name}
     * @return the TXT values there, each as often as it is there
     */
    protected abstract List<String> published(String name);

    /**
     * Puts a value into the zone by other means: somebody else's.
     *
     * @param name from {@link #name}
     * @param value what the tests must not touch
     */
    protected abstract void publishOther(String name, String value);

    /** Added means there, until it is removed. */
    @Test
    public void add_thenRemove_isThereInBetween() {
        TxtRecord record = record("a", VALUE);
        String id = records().add(record);
        assertThat(id).doesNotContain("\n", "\r");
        assertThat(published(record.name())).containsExactly(VALUE);
        records().remove(record, id);
        assertThat(published(record.name())).isEmpty();
    }

    /** After a crash the same value is added again; it is there once, and removed once. */
    @Test
    public void add_sameValueAgain_isThereOnce() {
        TxtRecord record = record("a", VALUE);
        records().add(record);
        String id = records().add(record);
        assertThat(published(record.name())).containsExactly(VALUE);
        records().remove(record, id);
        assertThat(published(record.name())).isEmpty();
    }

    /** L5: a crash between adding and storing the result: the value is found by itself. */
    @Test
    public void L5_remove_withoutTheIdOfTheAdd_removesIt() {
        TxtRecord record = record("a", VALUE);
        records().add(record);
        records().remove(record, "");
        assertThat(published(record.name())).isEmpty();
    }

    /** What is gone, or never was there, is no error. */
    @Test
    public void remove_twiceOrOfWhatNeverWas_isNoError() {
        TxtRecord record = record("a", VALUE);
        String id = records().add(record);
        records().remove(record, id);
        records().remove(record, id);
        records().remove(record("b", VALUE), "");
        assertThat(published(record.name())).isEmpty();
    }

    /** L3: a wildcard and its base name: two values at one name, each of which goes by itself. */
    @Test
    public void L3_twoValuesAtOneName_areIndependent() {
        TxtRecord first = record("a", VALUE);
        TxtRecord second = record("a", OTHER);
        String firstId = records().add(first);
        String secondId = records().add(second);
        assertThat(published(first.name())).containsExactlyInAnyOrder(VALUE, OTHER);
        records().remove(first, firstId);
        assertThat(published(first.name())).containsExactly(OTHER);
        records().remove(second, secondId);
        assertThat(published(first.name())).isEmpty();
    }

    /** L3, L5: somebody else's values stay. */
    @Test
    public void L3_valuesOfOthers_stay() {
        TxtRecord record = record("a", VALUE);
        publishOther(record.name(), "v=somebody-else");
        String id = records().add(record);
        assertThat(published(record.name())).containsExactlyInAnyOrder(VALUE, "v=somebody-else");
        records().remove(record, id);
        assertThat(published(record.name())).containsExactly("v=somebody-else");
    }

    /**
     * L3: two processes, or two orders of one, at one name and at one time.
     *
     * @throws Exception if a value could not be added or removed
     */
    @Test
    public void L3_manyAtOnceAtOneName_allAreThere() throws Exception {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            values.add(VALUE.substring(1) + i);
        }
        Queue<String> toAdd = new ConcurrentLinkedQueue<>(values);
        CertificateStoreContract.together(values.size(), () -> records().add(record("a", toAdd.remove())));
        assertThat(published(name("a"))).containsExactlyInAnyOrderElementsOf(values);
        Queue<String> toRemove = new ConcurrentLinkedQueue<>(values);
        CertificateStoreContract.together(values.size(), () -> {
            records().remove(record("a", toRemove.remove()), "");
            return values;
        });
        assertThat(published(name("a"))).isEmpty();
    }

    private TxtRecord record(String label, String value) {
        String token = "token-" + label;
        return new TxtRecord(
                name(label),
                value,
                new Challenge(
                        "dns-01",
                        Identifier.of(name(label).replaceFirst("^_acme-challenge\\.", "")),
                        token,
                        token + ".thumbprint-of-a-test"));
    }
}
