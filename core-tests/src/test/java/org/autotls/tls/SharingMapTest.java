package org.autotls.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SharingMapTest {

    private static final AtomicLong COMPARED = new AtomicLong();

    /** A key that counts how often it is compared. */
    private record Key(int number, int hash) {

        @Override
        public boolean equals(Object other) {
            COMPARED.incrementAndGet();
            return other instanceof Key key && key.number == number;
        }

        @Override
        public int hashCode() {
            COMPARED.incrementAndGet();
            return hash;
        }
    }

    private static Map<Key, Integer> content(SharingMap<Key, Integer> map) {
        Map<Key, Integer> content = new HashMap<>();
        map.forEach((key, value) -> assertThat(content.put(key, value)).isNull());
        return content;
    }

    /** Hashes that differ nowhere, in the highest bits only, and everywhere. */
    private static int hash(int number, SplittableRandom random) {
        return switch (number % 3) {
            case 0 -> 7;
            case 1 -> number << 27;
            default -> random.split().nextInt();
        };
    }

    @Test
    void changes_likeAHashMap_andAnOlderMapStaysAsItWas() {
        SplittableRandom random = new SplittableRandom(42);
        Key[] keys = new Key[300];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new Key(i, hash(i, random));
        }
        Map<Key, Integer> expected = new HashMap<>();
        SharingMap<Key, Integer> map = SharingMap.empty();
        for (int i = 0; i < 20_000; i++) {
            SharingMap<Key, Integer> before = map;
            Map<Key, Integer> was = i % 500 == 0 ? Map.copyOf(expected) : Map.of();
            Key key = keys[random.nextInt(keys.length)];
            boolean emptying = i / 2_000 % 2 == 1;
            if (random.nextInt(4) == 0 != emptying) {
                expected.remove(key);
                map = map.without(key);
            } else {
                expected.put(key, i);
                map = map.with(key, i);
            }
            assertThat(map.find(key)).isEqualTo(expected.get(key));
            assertThat(map.size()).isEqualTo(expected.size());
            if (i % 500 == 0) {
                assertThat(content(before)).isEqualTo(was);
                assertThat(content(map)).isEqualTo(expected);
                for (Key one : keys) {
                    assertThat(map.find(one)).isEqualTo(expected.get(one));
                }
            }
        }
        for (Key key : keys) {
            map = map.without(key);
        }
        assertThat(map.size()).isZero();
        assertThat(content(map)).isEmpty();
    }

    @Test
    void with_amongAHundredThousand_comparesAHandfulOfKeys() {
        SharingMap<Key, Integer> map = SharingMap.empty();
        for (int i = 0; i < 100_000; i++) {
            map = map.with(new Key(i, Integer.toString(i).hashCode()), i);
        }
        COMPARED.set(0);
        SharingMap<Key, Integer> changed =
                map.with(new Key(5, "5".hashCode()), -5).without(new Key(6, "6".hashCode()));
        assertThat(COMPARED).hasValueLessThan(20);
        COMPARED.set(0);
        assertThat(changed.find(new Key(5, "5".hashCode()))).isEqualTo(-5);
        assertThat(COMPARED).hasValueLessThan(5);
        assertThat(map.find(new Key(5, "5".hashCode()))).isEqualTo(5);
        assertThat(changed.size()).isEqualTo(99_999);
    }
}
