package org.autotls.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.nio.file.Path;
import org.autotls.endpoint.ListenAddress;
import org.junit.jupiter.api.Test;

class BindFailuresTest {

    @Test
    void explain_portBelow1024WithoutTheRight_saysWhatToDo() {
        ListenException failure =
                BindFailures.explain(ListenAddress.Tcp.port(443), new BindException("Permission denied"));

        assertThat(failure)
                .hasMessageStartingWith("cannot listen on tcp:443: this user may not use a port below 1024")
                .hasMessageContaining("CAP_NET_BIND_SERVICE")
                .hasMessageContaining("systemd:domain=INET:index=0")
                .hasMessageContaining("setcap")
                .hasMessageContaining("authbind")
                .hasMessageContaining("iptables -t nat -A PREROUTING -p tcp --dport 443 -j REDIRECT --to-ports 8443")
                .hasMessageContaining("net.ipv4.ip_unprivileged_port_start=443");
        assertThat(failure.address()).isEqualTo(ListenAddress.Tcp.port(443));
    }

    @Test
    void explain_otherPermission_doesNotSpeakOfPorts() {
        ListenAddress unix = new ListenAddress.Unix(Path.of("/root/x"), 0660, 1, false);

        assertThat(BindFailures.explain(unix, new BindException("Permission denied")))
                .hasMessage("cannot listen on unix:/root/x:backlog=1: this user lacks the permission");
        assertThat(BindFailures.explain(ListenAddress.Tcp.port(8443), new BindException("Permission denied")))
                .hasMessage("cannot listen on tcp:8443: this user lacks the permission");
    }

    @Test
    void explain_unknown_passesTheSystemsWordsOn() {
        assertThat(BindFailures.explain(ListenAddress.Tcp.port(1), new IllegalStateException("odd\n")))
                .hasMessage("cannot listen on tcp:1: IllegalStateException: odd\\u000a");
    }
}
