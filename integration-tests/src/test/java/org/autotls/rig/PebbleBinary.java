package org.autotls.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One build of Pebble, the test CA, with the DNS server that belongs to it.
 *
 * @param label what tests call it
 * @param pebble the CA
 * @param challtestsrv its DNS server
 * @param newer whether it has what came after 2.4: Retry-After, ARI, profiles, and renamed options
 */
record PebbleBinary(String label, Path pebble, Path challtestsrv, boolean newer) {

    /** The one that is installed: Debian 12 has 2.4. */
    static PebbleBinary installed() {
        return new PebbleBinary(
                "installed Pebble", Path.of("/usr/bin/pebble"), Path.of("/usr/bin/pebble-challtestsrv"), false);
    }

    /** Those that are here: the installed one, and the newest if {@code build/peers} could fetch it. */
    static List<PebbleBinary> all() {
        Path bin = Repository.root().resolve(".rig/sid/usr/bin");
        PebbleBinary newest =
                new PebbleBinary("newest Pebble", bin.resolve("pebble"), bin.resolve("pebble-challtestsrv"), true);
        List<PebbleBinary> found = Stream.of(installed(), newest)
                .filter(binary -> Files.isExecutable(binary.pebble()))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalStateException("no Pebble here; ./verify installs it (Debian's package pebble)");
        }
        return found;
    }

    /**
     * The newest one.
     *
     * @throws IllegalStateException if {@code build/peers} did not fetch it
     */
    static PebbleBinary newest() {
        return all().stream()
                .filter(PebbleBinary::newer)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no new Pebble here; build/peers fetches it"));
    }

    @Override
    public String toString() {
        return label;
    }
}
