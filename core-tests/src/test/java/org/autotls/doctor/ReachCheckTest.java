package org.autotls.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.util.List;
import org.autotls.Identifier;
import org.autotls.doctor.Finding.Severity;
import org.autotls.doctor.PortUse.State;
import org.autotls.doctor.ProbeResult.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the way to us is judged by. */
class ReachCheckTest {

    private static final Identifier NAME = Identifier.of("a.example.com");
    private static final InetAddress V4 = Reserved.address("192.0.2.1");
    private static final InetAddress V6 = Reserved.address("2001:db8::1");

    private static ProbeResult at(InetAddress address, Kind kind, String detail) {
        return new ProbeResult(address, kind, detail);
    }

    private static Finding judge(State state, ProbeResult... results) {
        return ReachCheck.judge(NAME, "http-01", new PortUse(state, "", 80), List.of(results));
    }

    @Test
    void answered_everywhere_isOk() {
        Finding finding = judge(State.OURS, at(V4, Kind.ANSWERED, ""), at(V6, Kind.ANSWERED, ""));
        assertThat(finding.severity()).isEqualTo(Severity.OK);
        assertThat(finding.found()).contains("192.0.2.1 answers", "2001:db8:0:0:0:0:0:1 answers");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"REFUSED", "SILENT"})
    void nobodyAnywhere_isAProblem(Kind kind) {
        Finding finding = judge(State.OURS, at(V4, kind, ""), at(V6, Kind.NO_WAY, ""));
        assertThat(finding.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(finding.advice()).contains(kind == Kind.SILENT ? "firewalls" : "another machine");
    }

    @Test
    void noWayFromHere_cannotBeJudged() {
        assertThat(judge(State.OURS, at(V6, Kind.NO_WAY, "")).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void oneOfTwoDead_isAWarningAboutIpv6() {
        Finding finding = judge(State.OURS, at(V4, Kind.ANSWERED, ""), at(V6, Kind.REFUSED, ""));
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.advice()).contains("IPv6");
    }

    @Test
    void anotherProgramWhereWeShouldAnswer_isAProblemAndElsewhereIsReached() {
        assertThat(judge(State.OURS, at(V4, Kind.ANSWERED, ""), at(V6, Kind.OTHER, "answers with 404"))
                        .severity())
                .isEqualTo(Severity.PROBLEM);
        assertThat(judge(State.TAKEN, at(V4, Kind.OTHER, "answers with 404")).severity())
                .isEqualTo(Severity.OK);
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.example.com/x, OK",
        "https://A.EXAMPLE.COM:443/x, OK",
        "http://a.example.com/x, OK",
        "https://a.example.com:8443/x, WARNING",
        "https://evil.example/x, WARNING",
        "ftp://a.example.com/x, WARNING",
        "/relative, WARNING",
        "'https://[bad', WARNING"
    })
    void K9_redirect_isToldNotFollowed(String location, Severity expected) {
        Finding finding = judge(State.TAKEN, at(V4, Kind.REDIRECTED, location));
        assertThat(finding.severity()).isEqualTo(expected);
        assertThat(finding.found()).contains("redirects to " + location);
    }

    @Test
    void port_eachState_isSaidWithWhatToDo() {
        PortUse use = new PortUse(State.UNKNOWN, "", 443);
        assertThat(PortCheck.judge("tls-alpn-01", use).severity()).isEqualTo(Severity.OK);
        assertThat(PortCheck.judge("tls-alpn-01", use.with(State.OURS, "")).severity())
                .isEqualTo(Severity.OK);
        assertThat(PortCheck.judge("tls-alpn-01", use.with(State.TAKEN, "port 443 is already in use"))
                        .severity())
                .isEqualTo(Severity.WARNING);
        Finding closed = PortCheck.judge("tls-alpn-01", use.with(State.CLOSED, "permission denied"));
        assertThat(closed.severity()).isEqualTo(Severity.PROBLEM);
        assertThat(closed.found()).contains("permission denied");
    }

    @Test
    void notConnected_readsWhatTheJdkSays() {
        assertThat(kind(new ConnectException("Connection refused"))).isEqualTo(Kind.REFUSED);
        assertThat(kind(new ConnectException("Connection timed out"))).isEqualTo(Kind.SILENT);
        assertThat(kind(new SocketTimeoutException("Connect timed out"))).isEqualTo(Kind.SILENT);
        assertThat(kind(new ConnectException("Network is unreachable"))).isEqualTo(Kind.NO_WAY);
        assertThat(kind(new NoRouteToHostException("No route to host"))).isEqualTo(Kind.NO_WAY);
    }

    private static Kind kind(IOException failure) {
        return ProbeResult.notConnected(V4, failure).kind();
    }
}
