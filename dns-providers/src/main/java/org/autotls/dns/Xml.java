package org.autotls.dns;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.autotls.IssueException;
import org.autotls.IssueException.Kind;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** An XML answer, read without entities and document types. One thread at a time. */
record Xml(Element root) {

    private static final String NO_DOCTYPE = "http://apache.org/xml/features/disallow-doctype-decl";

    /**
     * Reads an answer.
     *
     * @throws IssueException of kind {@code UNPROVED} if it is not XML
     */
    static Xml parse(ApiReply reply) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature(NO_DOCTYPE, true);
            DocumentBuilder builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // it would print
            return new Xml(builder.parse(new InputSource(new StringReader(reply.body())))
                    .getDocumentElement());
        } catch (SAXException | IOException e) {
            throw new IssueException(
                    Kind.UNPROVED,
                    reply.api() + " answered " + reply.status() + " with what is not XML: " + reply.shown(),
                    e);
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("every JDK reads XML without document types", e);
        }
    }

    /** All elements of this name below this one, at any depth. */
    List<Xml> all(String name) {
        NodeList found = root.getElementsByTagName(name);
        List<Xml> all = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            all.add(new Xml((Element) found.item(i)));
        }
        return all;
    }

    /** The text of the first element of this name below this one; empty if there is none. */
    String text(String name) {
        return all(name).stream().findFirst().map(Xml::text).orElse("");
    }

    String text() {
        return root.getTextContent().strip();
    }

    /** For the content of an element. */
    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
