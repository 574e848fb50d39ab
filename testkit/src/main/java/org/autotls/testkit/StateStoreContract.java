package org.autotls.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.autotls.Revision;
import org.autotls.StateStore;
import org.autotls.StoreException;
import org.junit.jupiter.api.Test;

/**
 * What every {@link StateStore} must do. A store is correct when a test class that extends this one passes.
 *
 * <p>Each test starts with an empty place; {@link #open} may be called several times in one test and then stands for the
 * nodes of a cluster.
 */
public abstract class StateStoreContract {

    private static final int LONGEST = 1 << 20;

    /** For subclasses. */
    protected StateStoreContract() {}

    /**
     * Opens this test's place once more.
     *
     * @return a store over the place that is this test's own
     */
    protected abstract StateStore open();

    @Test
    void find_ofNothing_isEmpty() {
        assertThat(open().find("a/b")).isEmpty();
        assertThat(open().keys("")).isEmpty();
        assertThat(open().keys("a/")).isEmpty();
    }

    @Test
    void save_isFoundByEveryNode() {
        Optional<Revision> saved = open().save("orders/a.example", "text", Revision.NONE);
        StateStore.Entry found = open().find("orders/a.example").orElseThrow();
        assertThat(found.text()).isEqualTo("text");
        assertThat(Optional.of(found.revision())).isEqualTo(saved);
    }

    @Test
    void save_withOldRevision_writesNothing() {
        StateStore store = open();
        Revision first = store.save("k", "one", Revision.NONE).orElseThrow();
        assertThat(store.save("k", "again", Revision.NONE)).isEmpty();
        Revision second = store.save("k", "two", first).orElseThrow();
        assertThat(store.save("k", "three", first)).isEmpty();
        assertThat(store.find("k")).contains(new StateStore.Entry("two", second));
        assertThat(store.save("none", "text", second)).isEmpty();
        assertThat(store.find("none")).isEmpty();
    }

    @Test
    void save_keepsEveryCharacter() {
        StateStore store = open();
        String text = "line\r\nline\n\ttab \u0000 \u00fc \u4e2d \ud83d\ude00 \"quoted\" ";
        store.save("k", text, Revision.NONE);
        assertThat(store.find("k").orElseThrow().text()).isEqualTo(text);
        store.save("empty", "", Revision.NONE);
        assertThat(store.find("empty").orElseThrow().text()).isEmpty();
    }

    @Test
    void save_ofLongestText_isKept_andOfALongerOneRefused() {
        StateStore store = open();
        String longest = "\u4e2d".repeat(LONGEST);
        store.save("k", longest, Revision.NONE);
        assertThat(store.find("k").orElseThrow().text()).isEqualTo(longest);
        assertThatThrownBy(() -> store.save("l", longest + "x", Revision.NONE)).isInstanceOf(StoreException.class);
    }

    @Test
    void keys_ofEveryForm_areKeptApart() {
        StateStore store = open();
        List<String> keys = List.of(
                "a",
                "a/b",
                "a/b/c",
                "ab",
                "a.b",
                "a-b",
                "a_b",
                "a:b",
                "a,b",
                "*.a",
                "a/*.b",
                "lock",
                "tmp",
                "1/a",
                "2",
                "l".repeat(255),
                "s/" + "m".repeat(255));
        keys.forEach(key ->
                assertThat(store.save(key, "text of " + key, Revision.NONE)).isPresent());
        keys.forEach(key -> assertThat(store.find(key).orElseThrow().text()).isEqualTo("text of " + key));
        assertThat(open().keys("")).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(open().keys("a/")).containsExactlyInAnyOrder("a/b", "a/b/c", "a/*.b");
        assertThat(open().keys("a/b/")).containsExactly("a/b/c");
    }

    @Test
    void keys_ofOtherForms_areRefused() {
        StateStore store = open();
        for (String key :
                List.of("", "/", "a/", "/a", "a//b", "..", "a/../b", ".a", "a/.b", "A", "a b", "a\u0000", "ü")) {
            assertThatThrownBy(() -> store.find(key)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.save(key, "", Revision.NONE)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.delete(key)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void delete_leavesNothing_andMayBeRepeated() {
        StateStore store = open();
        store.save("a/b", "text", Revision.NONE);
        store.delete("a/b");
        store.delete("a/b");
        assertThat(open().find("a/b")).isEmpty();
        assertThat(open().keys("a/")).isEmpty();
        assertThat(store.save("a/b", "text", Revision.NONE)).isPresent();
    }

    @Test
    void save_fromManyNodesAtOnce_losesNoUpdate() throws Exception {
        open().save("count", "0", Revision.NONE);
        CertificateStoreContract.together(4, () -> {
            StateStore store = open();
            for (int i = 0; i < 25; i++) {
                increment(store);
            }
            return 0;
        });
        assertThat(open().find("count").orElseThrow().text()).isEqualTo("100");
    }

    private static void increment(StateStore store) {
        Optional<Revision> saved;
        do {
            StateStore.Entry entry = store.find("count").orElseThrow();
            saved = store.save("count", Integer.toString(Integer.parseInt(entry.text()) + 1), entry.revision());
        } while (saved.isEmpty());
    }

    @Test
    void now_doesNotGoBack() {
        StateStore store = open();
        assertThat(store.now()).isBeforeOrEqualTo(store.now());
    }

    @Test
    void entry_doesNotShowItsText() {
        StateStore store = open();
        store.save("k", "secret", Revision.NONE);
        assertThat(store.find("k").orElseThrow().toString()).doesNotContain("secret");
    }
}
