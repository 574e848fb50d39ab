package org.autotls.doctor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;

/** DNS as a test wants it. Safe for many threads once it is set up. */
public final class FakeDns implements DnsLookup {

    private final Map<String, List<InetAddress>> addresses = new HashMap<>();
    private final Map<String, List<CaaRecord>> caa = new HashMap<>();
    private final Map<String, String> aliases = new HashMap<>();
    private final Map<String, Kind> failures = new HashMap<>();

    /** Adds an address. */
    public FakeDns address(String name, String address) {
        addresses.computeIfAbsent(name, n -> new ArrayList<>()).add(Reserved.address(address));
        return this;
    }

    /** Adds a CAA record. */
    public FakeDns caa(String name, String tag, String value) {
        return caa(name, new CaaRecord(false, tag, value));
    }

    FakeDns caa(String name, CaaRecord record) {
        caa.computeIfAbsent(name, n -> new ArrayList<>()).add(record);
        return this;
    }

    FakeDns alias(String name, String target) {
        aliases.put(name, target);
        return this;
    }

    /** From now on what is asked about the name fails. */
    public FakeDns failing(String name, Kind kind) {
        failures.put(name, kind);
        return this;
    }

    private void check(String name) {
        if (failures.containsKey(name)) {
            throw new IssueException(failures.get(name), "scripted: SERVFAIL for " + name);
        }
    }

    @Override
    public List<InetAddress> addresses(String name) {
        check(name);
        return addresses.getOrDefault(name, List.of());
    }

    @Override
    public List<CaaRecord> caa(String name) {
        check(name);
        return caa.getOrDefault(name, List.of());
    }

    @Override
    public Optional<String> alias(String name) {
        check(name);
        return Optional.ofNullable(aliases.get(name));
    }

    @Override
    public List<InetSocketAddress> authorities(String name) {
        check(name);
        return List.of(new InetSocketAddress(Reserved.address("192.0.2.53"), 53));
    }

    @Override
    public Set<String> txt(InetSocketAddress server, String name) {
        return Set.of();
    }
}
