package org.autotls.examples;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Arrays;
import org.apache.catalina.startup.Tomcat;
import org.autotls.AutoTls;
import org.autotls.tomcat.AutoTlsTomcat;

/** Tomcat: {@code TomcatExample local:certs:tcp:8443 [NAME]...}. */
public final class TomcatExample {

    private TomcatExample() {}

    public static void main(String... arguments) throws Exception {
        String[] names = Arrays.copyOfRange(arguments, 1, arguments.length);
        AutoTls autoTls =
                AutoTls.endpoint(arguments[0]).names(names).agreeToTerms(true).open();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
        AutoTlsTomcat.endpoint(tomcat, autoTls);
        Tomcat.addServlet(tomcat.addContext("", null), "hello", new Hello()).addMapping("/");
        tomcat.start();
        tomcat.getServer().await();
    }

    private static final class Hello extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().println("Hello from Tomcat over " + request.getProtocol());
        }
    }
}
