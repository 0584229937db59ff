<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en">
 <context>
  <name>HealthyTwin</name>
  <message>
   <location filename="viewer/screen_page.py" />
   <source> px/mm</source>
   <translation> px/mm</translation>
  </message>
  <message numerus="yes">
   <location filename="viewer/core_sentences.py" />
   <source>%n files</source>
   <translation>
    <numerusform>%n Datei</numerusform>
    <numerusform>%n Dateien</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <location filename="viewer/core_sentences.py" />
   <source>%n findings above the threshold.</source>
   <translation>
    <numerusform>%n Befund über dem Schwellenwert.</numerusform>
    <numerusform>%n Befunde über dem Schwellenwert.</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <location filename="viewer/core_sentences.py" />
   <source>%n images</source>
   <translation>
    <numerusform>%n Bild</numerusform>
    <numerusform>%n Bilder</numerusform>
   </translation>
  </message>
  <message numerus="yes">
   <location filename="viewer/log_window.py" />
   <source>%n messages</source>
   <translation>
    <numerusform>%n Meldung</numerusform>
    <numerusform>%n Meldungen</numerusform>
   </translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>(no longer there)</source>
   <translation>(nicht mehr da)</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>(no name)</source>
   <translation>(ohne Namen)</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>(stands for images {first} to {last})</source>
   <translation>(steht für die Bilder {first} bis {last})</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>({done} of {total})</source>
   <translation>({done} von {total})</translation>
  </message>
  <message>
   <location filename="viewer/job_bar.py" />
   <source>+{waiting} waiting</source>
   <translation>+{waiting} warten</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>, about {regions:.2f} false regions a film.</source>
   <translation>, etwa {regions:.2f} falsche Regionen je Aufnahme.</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>, {regions:.2f} false regions a film.</source>
   <translation>, {regions:.2f} falsche Regionen je Aufnahme.</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>1 file</source>
   <translation>1 Datei</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>&gt; P90 here</source>
   <translation>&gt; P90 hier</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>&gt; {share} of healthy films</source>
   <translation>&gt; {share} der gesunden Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <source>A colour image has no window.</source>
   <translation>Ein Farbbild hat keine Fensterung.</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>A graphics card computes: films are analyzed and models trained on it.</source>
   <translation>Eine Grafikkarte rechnet: auf ihr werden Aufnahmen analysiert und Modelle trainiert.</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>A list of films.</source>
   <translation>Eine Liste von Aufnahmen.</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>A right click without a drag opens the menu.</source>
   <translation>Ein Rechtsklick ohne Ziehen öffnet das Menü.</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/actions.py" />
   <source>About HealthyTwin</source>
   <translation>Über HealthyTwin</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Accept</source>
   <translation>Annehmen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Accept finding</source>
   <translation>Befund annehmen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Active viewport alone, or all again</source>
   <translation>Aktives Fenster allein, oder wieder alle</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Add</source>
   <translation>Hinzufügen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>All files (*)</source>
   <translation>Alle Dateien (*)</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>All fixed films, or one of them as large as possible</source>
   <translation>Alle festen Aufnahmen, oder eine so groß wie möglich</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>All messages</source>
   <translation>Alle Meldungen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>All three panels</source>
   <translation>Alle drei Felder</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Alt + left drag</source>
   <translation>Alt + links ziehen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>An unexpected step</source>
   <translation>Ein unerwarteter Schritt</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Analysis</source>
   <translation>Analyse</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Analysis</source>
   <comment>menu</comment>
   <translation>Analyse</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <source>Analyze</source>
   <translation>Analysieren</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Analyze images by themselves</source>
   <translation>Bilder von selbst analysieren</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/score_strip.py" />
   <location filename="viewer/series_menu.py" />
   <source>Analyze the whole series</source>
   <translation>Ganze Serie analysieren</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Analyze the whole series, or stop it</source>
   <translation>Ganze Serie analysieren oder damit aufhören</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Analyze this image (Ctrl+Return)</source>
   <translation>Dieses Bild analysieren (Ctrl+Return)</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Analyze {name}</source>
   <translation>{name} analysieren</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Analyzing with {model}</source>
   <translation>Analyse mit {model}</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Analyzing {name}</source>
   <translation>{name} wird analysiert</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Analyzing …</source>
   <translation>Analyse …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Angle</source>
   <translation>Winkel</translation>
  </message>
  <message>
   <location filename="viewer/mark_actions.py" />
   <source>Annotate</source>
   <translation>Beschriften</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Another run trains, too: both take longer than planned.</source>
   <translation>Ein anderer Lauf trainiert auch: beide dauern länger als geplant.</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>Area {area}
Peak {peak} of the grey range</source>
   <translation>Fläche {area}
Spitze {peak} des Graubereichs</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Arrow</source>
   <translation>Pfeil</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>As the screen says of itself; not measured.</source>
   <translation>Wie der Bildschirm von sich sagt; nicht gemessen.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ask HealthyGAN</source>
   <translation>HealthyGAN fragen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ask SR-AnoGAN</source>
   <translation>SR-AnoGAN fragen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ask both: agreement</source>
   <translation>Beide fragen: Übereinstimmung</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Ask model {letter}</source>
   <translation>Modell {letter} befragen</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Attributes</source>
   <translation>Attribute</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Attributes of the file</source>
   <translation>Attribute der Datei</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Attributes of the file…</source>
   <translation>Attribute der Datei …</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Attributes of {name}</source>
   <translation>Attribute von {name}</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Automatic window</source>
   <translation>Automatische Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Automatic window as shown</source>
   <translation>Automatische Fensterung wie gezeigt</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Back button</source>
   <translation>Zurück-Taste</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Back to the calibrated threshold</source>
   <translation>Zurück zum kalibrierten Schwellenwert</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Back to the calibrated threshold (Backspace)</source>
   <translation>Zurück zum kalibrierten Schwellenwert (Backspace)</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Before the first study is opened: three drawings and five sentences.</source>
   <translation>Bevor die erste Untersuchung geöffnet wird: drei Zeichnungen und fünf Sätze.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Blink faster</source>
   <translation>Schneller blinken</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Blink slower</source>
   <translation>Langsamer blinken</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Blinking of original and twin</source>
   <translation>Blinken von Original und Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Both: agreement</source>
   <translation>Beide: Übereinstimmung</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>Browse: {title}</source>
   <translation>Durchsuchen: {title}</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>Browse…</source>
   <translation>Durchsuchen …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/series_order.py" />
   <source>By acquisition time</source>
   <translation>Nach der Aufnahmezeit</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/series_order.py" />
   <source>By file name</source>
   <translation>Nach dem Dateinamen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/series_order.py" />
   <source>By instance number</source>
   <translation>Nach der Bildnummer</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/series_order.py" />
   <source>By position, as usual</source>
   <translation>Nach der Lage, wie üblich</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Calibrated threshold</source>
   <translation>Kalibrierter Schwellenwert</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Calibrated: lights {rate:.0%} of healthy films {count}</source>
   <translation>Kalibriert: markiert {rate:.0%} der gesunden Aufnahmen {count}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Calibrated: {file}. Test it before it is used.</source>
   <translation>Kalibriert: {file}. Testen Sie es, bevor es benutzt wird.</translation>
  </message>
  <message>
   <location filename="viewer/threshold_slider.py" />
   <source>Calibrated: {value}</source>
   <translation>Kalibriert: {value}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Calibrate…</source>
   <translation>Kalibrieren …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Calibrating {name}</source>
   <translation>{name} wird kalibriert</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/models_window.py" />
   <source>Calibration</source>
   <translation>Kalibrierung</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Card of the model</source>
   <translation>Karte des Modells</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Cardiothoracic ratio</source>
   <translation>Herz-Thorax-Quotient</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Centre</source>
   <translation>Mitte</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Changed from</source>
   <translation>Geändert von</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Checkpoint</source>
   <translation>Checkpoint</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Checkpoints (*.ckpt *.pt *.pth);;All files (*)</source>
   <translation>Checkpoints (*.ckpt *.pt *.pth);;Alle Dateien (*)</translation>
  </message>
  <message>
   <location filename="viewer/run_wish.py" />
   <source>Choose a folder of healthy films.</source>
   <translation>Wählen Sie einen Ordner mit gesunden Aufnahmen.</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Choose a model file</source>
   <translation>Modelldatei wählen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Choose films at the left and start a run, or choose one under Runs.</source>
   <translation>Wählen Sie links Aufnahmen und starten Sie einen Lauf, oder wählen Sie einen unter Läufe.</translation>
  </message>
  <message>
   <location filename="viewer/settings_pages.py" />
   <source>Choose: {title}</source>
   <translation>Auswählen: {title}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <location filename="viewer/settings_pages.py" />
   <source>Choose…</source>
   <translation>Auswählen …</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Clear the search</source>
   <translation>Suche löschen</translation>
  </message>
  <message>
   <location filename="viewer/app.py" />
   <source>Clearing up</source>
   <translation>Aufräumen</translation>
  </message>
  <message>
   <location filename="viewer/desk.py" />
   <source>Click into one of several panels first: it goes into a window of its own.</source>
   <translation>Klicken Sie zuerst in eines von mehreren Feldern: Es kommt in ein eigenes Fenster.</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/acceptance_dialog.py" />
   <location filename="viewer/first_steps.py" />
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Close all studies</source>
   <translation>Alle Untersuchungen schließen</translation>
  </message>
  <message>
   <location filename="viewer/training_process.py" />
   <source>Close other programs and try again.</source>
   <translation>Schließen Sie andere Programme und versuchen Sie es noch einmal.</translation>
  </message>
  <message>
   <location filename="viewer/messages.py" />
   <source>Close this message</source>
   <translation>Diese Meldung schließen</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Close this study</source>
   <translation>Diese Untersuchung schließen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Cobb angle</source>
   <translation>Cobb-Winkel</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Colours</source>
   <translation>Farben</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Colours of the heatmap; more lucent regions have their own</source>
   <translation>Farben der Wärmekarte; transparentere Regionen haben eigene</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Command</source>
   <translation>Befehl</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Commands and their keys</source>
   <translation>Befehle und ihre Tasten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Compare it with the model in use on labelled films; only a better one is taken</source>
   <translation>Mit dem benutzten Modell an beschrifteten Aufnahmen vergleichen; nur ein besseres wird übernommen</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Compare two models</source>
   <translation>Zwei Modelle vergleichen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Compare two models…</source>
   <translation>Zwei Modelle vergleichen …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Compare with the model in use on your held-out films; if it passes, it is used</source>
   <translation>Auf Ihren zurückgehaltenen Aufnahmen mit dem benutzten Modell vergleichen; besteht es, so wird es benutzt</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Compared with {name}.</source>
   <translation>Verglichen mit {name}.</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Compare…</source>
   <translation>Vergleichen …</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Copied and saved texts hold no names, numbers and dates of the patients, and no folders. What a file is called stays: look the text through before it leaves the house.</source>
   <translation>Kopierte und gespeicherte Texte enthalten weder Namen, Nummern und Daten der Patienten noch Ordner. Wie eine Datei heißt, bleibt: sehen Sie den Text durch, bevor er das Haus verlässt.</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Copied.</source>
   <translation>Kopiert.</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Copied. The text holds no names, numbers, UIDs or paths of studies.</source>
   <translation>Kopiert. Der Text enthält keine Namen, Nummern, UIDs oder Pfade von Untersuchungen.</translation>
  </message>
  <message>
   <location filename="viewer/messages.py" />
   <location filename="viewer/shortcut_sheet.py" />
   <source>Copy</source>
   <translation>Kopieren</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Copy UIDs</source>
   <translation>UIDs kopieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Copy a model file to your own models, after reading all of it</source>
   <translation>Eine Modelldatei zu den eigenen Modellen kopieren, nachdem sie ganz gelesen wurde</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Copy all</source>
   <translation>Alles kopieren</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/log_window.py" />
   <source>Copy for support</source>
   <translation>Für die Hilfe kopieren</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Copy path</source>
   <translation>Pfad kopieren</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Copy rows</source>
   <translation>Zeilen kopieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Copy the model to another place</source>
   <translation>Das Modell an einen anderen Ort kopieren</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Copy the selected rows with all below them (Ctrl+C)</source>
   <translation>Die gewählten Zeilen mit allem darunter kopieren (Ctrl+C)</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Copy value</source>
   <translation>Wert kopieren</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>Counting files in {name}</source>
   <translation>Dateien in {name} werden gezählt</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>Counting files…</source>
   <translation>Dateien werden gezählt …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Credit</source>
   <translation>Nachweis</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Credits and patents (NOTICE)</source>
   <translation>Nachweise und Patente (NOTICE)</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Critic (NNNNNN-D.ckpt)</source>
   <translation>Kritiker (NNNNNN-D.ckpt)</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <location filename="viewer/volume_window.py" />
   <source>Crosshair</source>
   <translation>Fadenkreuz</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Crosshair in the middle, whole planes, window of the series (Esc)</source>
   <translation>Fadenkreuz in der Mitte, ganze Ebenen, Fensterung der Serie (Esc)</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Ctrl + left drag</source>
   <translation>Strg + links ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Ctrl + middle drag</source>
   <translation>Strg + Mitte ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Ctrl + right drag</source>
   <translation>Strg + rechts ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Ctrl + wheel</source>
   <translation>Strg + Rad</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <location filename="viewer/wish.py" />
   <source>DIFFERENCE</source>
   <translation>DIFFERENZ</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>DIFFERENT PATIENT: {who}</source>
   <translation>ANDERER PATIENT: {who}</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Dark and bright turned round (I)</source>
   <translation>Hell und Dunkel vertauscht (I)</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <location filename="viewer/models_window.py" />
   <source>Delete</source>
   <translation>Löschen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Delete the selected mark</source>
   <translation>Die gewählte Markierung löschen</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Delete {name}</source>
   <translation>{name} löschen</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Deleted. Until you remove it there, it is kept as {kept}.</source>
   <translation>Gelöscht. Bis Sie es dort entfernen, liegt es noch als {kept}.</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Deleting {name}</source>
   <translation>{name} wird gelöscht</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Denser, more lucent or both</source>
   <translation>Dichter, transparenter oder beides</translation>
  </message>
  <message>
   <location filename="viewer/film_caption.py" />
   <source>Derived image</source>
   <translation>Abgeleitetes Bild</translation>
  </message>
  <message>
   <location filename="viewer/messages.py" />
   <source>Details</source>
   <translation>Einzelheiten</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Deutsch</source>
   <translation>Deutsch</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>Device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>Device pixels in a millimetre</source>
   <translation>Gerätepixel je Millimeter</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <location filename="viewer/comparison.py" />
   <location filename="viewer/first_steps.py" />
   <source>Difference</source>
   <translation>Differenz</translation>
  </message>
  <message>
   <location filename="viewer/sign_chooser.py" />
   <source>Differences shown</source>
   <translation>Gezeigte Unterschiede</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Digest of the weights (SHA-256)</source>
   <translation>Prüfsumme der Gewichte (SHA-256)</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Directions of the planes</source>
   <translation>Richtungen der Ebenen</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Dismiss</source>
   <translation>Verwerfen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Dismiss finding</source>
   <translation>Befund verwerfen</translation>
  </message>
  <message>
   <location filename="viewer/settings_pages.py" />
   <source>Display</source>
   <translation>Darstellung</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Double click</source>
   <translation>Doppelklick</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Down</source>
   <translation>Nach unten</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Drafting the report…</source>
   <translation>Bericht wird entworfen …</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>Drag a series here</source>
   <translation>Serie hierher ziehen</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Drag to see more of A or of B (keys Left and Right)</source>
   <translation>Ziehen, um mehr von A oder von B zu sehen (Tasten Links und Rechts)</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Draw the healthy twin</source>
   <translation>Gesunden Zwilling zeichnen</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>Drawing the difference …</source>
   <translation>Differenz wird gezeichnet …</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Drawing the healthy twin</source>
   <translation>Gesunder Zwilling wird gezeichnet</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <location filename="viewer/wish.py" />
   <source>Drawing the healthy twin …</source>
   <translation>Gesunder Zwilling wird gezeichnet …</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Drawing the pictures…</source>
   <translation>Bilder werden gezeichnet …</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>Drawing: {panel}</source>
   <translation>Zeichnung: {panel}</translation>
  </message>
  <message>
   <location filename="viewer/invitation.py" />
   <source>Drop a study folder here, or open the demo study</source>
   <translation>Ziehen Sie einen Ordner mit Untersuchungen hierher, oder öffnen Sie die Demo-Untersuchung</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>EMPTY</source>
   <translation>LEER</translation>
  </message>
  <message>
   <location filename="viewer/invitation.py" />
   <source>Each film is shown beside its healthy twin, which a model invents, and the difference between the two.
Everything stays on this computer.</source>
   <translation>Jede Aufnahme wird neben ihrem gesunden Zwilling gezeigt, den ein Modell erfindet, und der Differenz der beiden.
Alles bleibt auf diesem Computer.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Edit</source>
   <comment>menu</comment>
   <translation>Bearbeiten</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ellipse</source>
   <translation>Ellipse</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>End it after this step; what was learned is kept</source>
   <translation>Nach diesem Schritt beenden; das Gelernte bleibt erhalten</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>English</source>
   <translation>English</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Enter and F3: next, Shift+F3: previous, Esc: clear</source>
   <translation>Eingabe und F3: weiter, Shift+F3: zurück, Esc: löschen</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Errors only</source>
   <translation>Nur Fehler</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Evaluation whose pictures are shown</source>
   <translation>Auswertung, deren Bilder gezeigt werden</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Evaluations of the run, the newest at the right</source>
   <translation>Auswertungen des Laufs, die neueste rechts</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Explain the three panels</source>
   <translation>Die drei Felder erklären</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Export panel as PNG</source>
   <translation>Feld als PNG speichern</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Export panel as PNG…</source>
   <translation>Feld als PNG speichern …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Export reading log…</source>
   <translation>Befundungsprotokoll exportieren …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Export the model</source>
   <translation>Modell exportieren</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Export the panel</source>
   <translation>Ansicht exportieren</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/kept_decisions.py" />
   <source>Export the reading log</source>
   <translation>Befundungsprotokoll exportieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Export {name}</source>
   <translation>{name} exportieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Export…</source>
   <translation>Exportieren …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Failed</source>
   <translation>Fehlgeschlagen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Failed: {why}</source>
   <translation>Fehlgeschlagen: {why}</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Figures of both models</source>
   <translation>Kennzahlen beider Modelle</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Figures of the last evaluation</source>
   <translation>Werte der letzten Auswertung</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Figures without labels</source>
   <translation>Werte ohne Beschriftungen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>File</source>
   <comment>menu</comment>
   <translation>Datei</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>File, Open recent names the patients whose studies were opened last.</source>
   <translation>Datei, Zuletzt geöffnet nennt die Patienten, deren Untersuchungen zuletzt geöffnet wurden.</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Film before</source>
   <translation>Vorige Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>Films</source>
   <translation>Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Films in a step</source>
   <translation>Aufnahmen je Schritt</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Films it learned from</source>
   <translation>Aufnahmen, aus denen es gelernt hat</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Films of</source>
   <translation>Aufnahmen von</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Films of the run</source>
   <translation>Aufnahmen des Laufs</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Films that are left out</source>
   <translation>Aufnahmen, die ausgelassen werden</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Findings</source>
   <translation>Befunde</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Findings ({count})</source>
   <translation>Befunde ({count})</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Finished</source>
   <translation>Fertig</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>First image</source>
   <translation>Erstes Bild</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>First steps</source>
   <translation>Erste Schritte</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>First steps…</source>
   <translation>Erste Schritte …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Fit the panels</source>
   <translation>Einpassen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Fold side panels</source>
   <translation>Seitenleisten einklappen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Folder of your own models</source>
   <translation>Ordner der eigenen Modelle</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>For the command Real size. Hold a bank card (or a ruler) to the screen and move the slider until the picture is exactly as wide. Each screen is remembered by its name and number.</source>
   <translation>Für den Befehl Wahre Größe. Eine Bankkarte (oder ein Lineal) an den Bildschirm halten und den Regler bewegen, bis das Bild genau so breit ist. Jeder Bildschirm wird an Namen und Nummer wiedererkannt.</translation>
  </message>
  <message>
   <location filename="viewer/kept_decisions.py" />
   <source>Forget all decisions</source>
   <translation>Alle Entscheidungen vergessen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Forget all decisions…</source>
   <translation>Alle Entscheidungen vergessen …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Forget all studies</source>
   <translation>Alle Untersuchungen vergessen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Forget studies</source>
   <translation>Untersuchungen vergessen</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>Forget this measure</source>
   <translation>Dieses Maß vergessen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Forget your decisions</source>
   <translation>Ihre Entscheidungen vergessen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Forgetting studies</source>
   <translation>Untersuchungen werden vergessen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Forgetting your decisions</source>
   <translation>Ihre Entscheidungen werden vergessen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Forward button</source>
   <translation>Vorwärts-Taste</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Four</source>
   <translation>Vier</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Frames a second</source>
   <translation>Bilder je Sekunde</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Freehand region</source>
   <translation>Freihandbereich</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Full screen</source>
   <translation>Vollbild</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Functional groups</source>
   <translation>Funktionsgruppen</translation>
  </message>
  <message>
   <location filename="viewer/settings_pages.py" />
   <source>General</source>
   <translation>Allgemein</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Go on later from the very step</source>
   <translation>Später an genau diesem Schritt fortsetzen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Go on where it stopped</source>
   <translation>Fortsetzen, wo er angehalten hat</translation>
  </message>
  <message numerus="yes">
   <location filename="viewer/computer.py" />
   <source>Good for reading and for analyzing films one after the other on %n cores. Training works as well: the models that ship took {low} to {high} minutes on two cores.</source>
   <translation>
    <numerusform>Gut zum Befunden und für die Analyse einer Aufnahme nach der anderen auf %n Kern. Das Training dauert länger als auf zwei Kernen, wo die mitgelieferten Modelle {low} bis {high} Minuten brauchten.</numerusform>
    <numerusform>Gut zum Befunden und für die Analyse einer Aufnahme nach der anderen auf %n Kernen. Auch Training geht: die mitgelieferten Modelle brauchten auf zwei Kernen {low} bis {high} Minuten.</numerusform>
   </translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>HEALTHY TWIN</source>
   <translation>GESUNDER ZWILLING</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Hang by protocol again</source>
   <translation>Wieder nach Protokoll hängen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Healthy films</source>
   <translation>Gesunde Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Healthy films lit up: {rates}.</source>
   <translation>Markierte gesunde Aufnahmen: {rates}.</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Healthy films of your site</source>
   <translation>Gesunde Aufnahmen Ihres Hauses</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Healthy lens</source>
   <translation>Gesunde Lupe</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>Healthy twin</source>
   <translation>Gesunder Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <source>Healthy twin, synthetic</source>
   <translation>Gesunder Zwilling, synthetisch</translation>
  </message>
  <message>
   <location filename="viewer/run_wish.py" />
   <source>HealthyGAN also needs a folder of mixed films.</source>
   <translation>HealthyGAN braucht auch einen Ordner mit gemischten Aufnahmen.</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>HealthyTwin (Apache-2.0)</source>
   <translation>HealthyTwin (Apache-2.0)</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <source>Heatmap</source>
   <translation>Wärmekarte</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Heatmap opacity</source>
   <translation>Deckkraft der Wärmekarte</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Height of the small pictures in the study list, in pixels.</source>
   <translation>Höhe der kleinen Bilder in der Liste der Untersuchungen, in Pixeln.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Help</source>
   <comment>menu</comment>
   <translation>Hilfe</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Hidden until you have written your impression of this image: then press Show the twin. What the models say may be worked out meanwhile, and is not told.</source>
   <translation>Verborgen, bis Sie Ihre Beurteilung dieses Bildes geschrieben haben: Drücken Sie dann „Zwilling zeigen“. Was die Modelle sagen, darf inzwischen berechnet werden und wird nicht verraten.</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Hide</source>
   <translation>Ausblenden</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Higher threshold</source>
   <translation>Schwellenwert höher</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>Hold a bank card here</source>
   <translation>Bankkarte hier anhalten</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>How much</source>
   <translation>Wie viel</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>How much of the film the heatmap covers.</source>
   <translation>Wie stark die Wärmekarte die Aufnahme überdeckt.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>How often a second the pair is shown when it blinks by itself (Shift+F).</source>
   <translation>Wie oft in der Sekunde das Paar gezeigt wird, wenn es von selbst blinkt (Umschalt+F).</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>How somebody wanted this image to be shown (Shift+I)</source>
   <translation>Wie jemand dieses Bild gezeigt haben wollte (Shift+I)</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Icon size</source>
   <translation>Größe der Symbole</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Image</source>
   <comment>menu</comment>
   <translation>Bild</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Image of the series</source>
   <translation>Bild der Serie</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Image report</source>
   <translation>Bildbericht</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Image {number} of {count}</source>
   <translation>Bild {number} von {count}</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>Image {number} of {total}</source>
   <translation>Bild {number} von {total}</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Images in memory</source>
   <translation>Bilder im Speicher</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Images of the series (arrow keys, wheel)</source>
   <translation>Bilder der Serie (Pfeiltasten, Mausrad)</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Import a model</source>
   <translation>Modell importieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Import a published checkpoint</source>
   <translation>Veröffentlichten Checkpoint importieren</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Import doctor</source>
   <translation>Importprüfung</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Import doctor…</source>
   <translation>Importprüfung …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Import published checkpoint…</source>
   <translation>Veröffentlichten Checkpoint importieren …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Import {name}</source>
   <translation>{name} importieren</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Imported as {path}. Ask it with “Model from a file…”.</source>
   <translation>Importiert als {path}. Fragen Sie es mit „Modell aus einer Datei …“.</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Importing {name}</source>
   <translation>{name} wird importiert</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Import…</source>
   <translation>Importieren …</translation>
  </message>
  <message>
   <location filename="viewer/impression_box.py" />
   <source>Impression</source>
   <translation>Beurteilung</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>In per cent; also of the texts on the film. Applies at once; the titles of the side panels follow at the next start.</source>
   <translation>In Prozent; auch für die Texte auf der Aufnahme. Gilt sofort; die Titel der Seitenleisten folgen beim nächsten Start.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Interrupted: its process ended without a word. Its last checkpoint is kept</source>
   <translation>Unterbrochen: Sein Prozess endete ohne ein Wort. Sein letzter Checkpoint ist erhalten</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Invert</source>
   <translation>Invertieren</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>It cannot be read.</source>
   <translation>Nicht lesbar.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Keep my decisions</source>
   <translation>Meine Entscheidungen behalten</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Keep what was read of folders, names of patients included, in your own user folder: they open again at once. File, Forget all studies wipes it.</source>
   <translation>Was aus Ordnern gelesen wurde, Patientennamen eingeschlossen, bleibt in Ihrem eigenen Benutzerordner: sie öffnen sich dann sofort. Datei, Alle Untersuchungen vergessen löscht es.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Keep your decisions</source>
   <translation>Ihre Entscheidungen aufbewahren</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Keeping your decisions</source>
   <translation>Ihre Entscheidungen werden aufbewahrt</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Key image</source>
   <translation>Schlüsselbild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/keys_page.py" />
   <location filename="viewer/settings_dialog.py" />
   <source>Keys</source>
   <translation>Tasten</translation>
  </message>
  <message>
   <location filename="viewer/shortcut_sheet.py" />
   <source>Keys and mouse</source>
   <translation>Tasten und Maus</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Keys like those of</source>
   <translation>Tasten wie bei</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>Kind</source>
   <translation>Art</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Kind of difference</source>
   <translation>Art der Differenz</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Kind of model</source>
   <translation>Art des Modells</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>LATER {date}</source>
   <translation>SPÄTER {date}</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Label of this mark</source>
   <translation>Beschriftung dieser Markierung</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Label of this mark…</source>
   <translation>Beschriftung dieser Markierung…</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Language</source>
   <translation>Sprache</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Larger lens</source>
   <translation>Größere Lupe</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Last image</source>
   <translation>Letztes Bild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/series_order.py" />
   <source>Last image first</source>
   <translation>Letztes Bild zuerst</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Layout</source>
   <comment>menu</comment>
   <translation>Anordnung</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Leave names out</source>
   <translation>Namen weglassen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Leave names out of reports</source>
   <translation>Namen aus Berichten weglassen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Left drag</source>
   <translation>Links ziehen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Length</source>
   <translation>Strecke</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Lens on the difference</source>
   <translation>Lupe auf die Differenz</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Less opaque</source>
   <translation>Weniger deckend</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Licences</source>
   <translation>Lizenzen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Lights {rate:.0%} of healthy films {count}</source>
   <translation>Markiert {rate:.0%} der gesunden Aufnahmen {count}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Limits</source>
   <translation>Grenzen</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Lines</source>
   <translation>Linien</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Link or unlink the active viewport</source>
   <translation>Aktives Fenster koppeln oder lösen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Link panning</source>
   <translation>Verschieben koppeln</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Link scrolling</source>
   <translation>Blättern koppeln</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Link windows</source>
   <translation>Fensterung koppeln</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Link zoom</source>
   <translation>Vergrößerung koppeln</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>Linked by hand, with the difference kept. Click to unlink this viewport</source>
   <translation>Von Hand gekoppelt, der Unterschied bleibt. Klicken löst dieses Feld</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>Linked: the same place in the patient. Click to unlink this viewport</source>
   <translation>Gekoppelt: derselbe Ort im Patienten. Klicken löst dieses Feld</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>List of the films that are left out</source>
   <translation>Liste der ausgelassenen Aufnahmen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>List recent studies</source>
   <translation>Letzte Untersuchungen nennen</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <location filename="viewer/models_window.py" />
   <source>List the models</source>
   <translation>Modelle auflisten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>List…</source>
   <translation>Liste …</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Little memory is free. Large studies are read in parts; close other programs before you train.</source>
   <translation>Es ist wenig Speicher frei. Große Untersuchungen werden in Teilen gelesen; schließen Sie andere Programme, bevor Sie trainieren.</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <location filename="viewer/trainer_progress.py" />
   <source>Log</source>
   <translation>Protokoll</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Log of the run</source>
   <translation>Protokoll des Laufs</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Log…</source>
   <translation>Protokoll …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Look at the training</source>
   <translation>Nach dem Training sehen</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Look for the model in use</source>
   <translation>Das benutzte Modell suchen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Looking at the films: {words}</source>
   <translation>Aufnahmen werden durchgesehen: {words}</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Looking at the films…</source>
   <translation>Aufnahmen werden durchgesehen …</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Looking at the graphics card</source>
   <translation>Grafikkarte wird befragt</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Looking at the training</source>
   <translation>Training wird angesehen</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/model_comparison.py" />
   <location filename="viewer/models_window.py" />
   <source>Looking for models</source>
   <translation>Modelle werden gesucht</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Looking for the model in use</source>
   <translation>Das benutzte Modell wird gesucht</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Looking for the model in use…</source>
   <translation>Das benutzte Modell wird gesucht …</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Looking through {name}</source>
   <translation>{name} wird durchgesehen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Looking through {name} …</source>
   <translation>{name} wird durchgesehen …</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Loop or sweep</source>
   <translation>Im Kreis oder hin und her</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Losses</source>
   <translation>Verluste</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Lower threshold</source>
   <translation>Schwellenwert tiefer</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Magnifier</source>
   <translation>Vergrößerungsglas</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Make a volume of the series</source>
   <translation>Ein Volumen aus der Serie bilden</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Making the volume</source>
   <translation>Volumen wird gebildet</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Marks</source>
   <translation>Markierungen</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>Marks are drawn on the image of the first viewport: show this series there.</source>
   <translation>Markierungen werden auf dem Bild des ersten Feldes gezeichnet: Zeigen Sie diese Serie dort.</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <location filename="viewer/mark_actions.py" />
   <source>Measure</source>
   <translation>Messen</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>Measured by you.</source>
   <translation>Von Ihnen gemessen.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Measuring how long a few steps take…</source>
   <translation>Die Dauer einiger Schritte wird gemessen …</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Megabytes of images that are kept, and read ahead while you scroll; 0: a quarter of the memory that is free at the start, 2,048 at most.</source>
   <translation>Megabyte an Bildern, die behalten und beim Blättern vorausgelesen werden; 0: ein Viertel des beim Start freien Speichers, höchstens 2.048.</translation>
  </message>
  <message>
   <location filename="viewer/settings_pages.py" />
   <source>Memory</source>
   <translation>Speicher</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Memory for images</source>
   <translation>Speicher für Bilder</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Memory in use by the program</source>
   <translation>Vom Programm benutzter Speicher</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Memory of the graphics card that is free</source>
   <translation>Freier Speicher der Grafikkarte</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Memory that is free</source>
   <translation>Freier Speicher</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Messages</source>
   <translation>Meldungen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Middle drag</source>
   <translation>Mitte ziehen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Mirror left and right</source>
   <translation>Links und rechts spiegeln</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Mirror top and bottom</source>
   <translation>Oben und unten spiegeln</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Mixed films</source>
   <translation>Gemischte Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Modality</source>
   <translation>Modalität</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/display_panel.py" />
   <location filename="viewer/models_window.py" />
   <source>Model</source>
   <translation>Modell</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Model at start</source>
   <translation>Modell beim Start</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Model files (*.safetensors);;All files (*)</source>
   <translation>Modelldateien (*.safetensors);;Alle Dateien (*)</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Model from a file…</source>
   <translation>Modell aus einer Datei …</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Model in use</source>
   <translation>Benutztes Modell</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Model {letter}</source>
   <translation>Modell {letter}</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Model {letter}, synthetic</source>
   <translation>Modell {letter}, synthetisch</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/models_window.py" />
   <location filename="viewer/settings_pages.py" />
   <source>Models</source>
   <translation>Modelle</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>Models (*.safetensors)</source>
   <translation>Modelle (*.safetensors)</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Models not loaded yet</source>
   <translation>Modelle noch nicht geladen</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Models run on</source>
   <translation>Modelle rechnen auf</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Models…</source>
   <translation>Modelle …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>More</source>
   <translation>Mehr</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>More opaque</source>
   <translation>Deckender</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>More than {count} files</source>
   <translation>Mehr als {count} Dateien</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <location filename="viewer/settings_dialog.py" />
   <location filename="viewer/volume_window.py" />
   <location filename="viewer/window_commands.py" />
   <source>Mouse</source>
   <translation>Maus</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Move one of your own models to the folder deleted beside it</source>
   <translation>Eines der eigenen Modelle in den Ordner deleted daneben verschieben</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_setup.py" />
   <location filename="viewer/windows_page.py" />
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Name in any script, number, date, description, modality, accession number or file name (Ctrl+F). Enter takes the first, Esc clears.</source>
   <translation>Name in jeder Schrift, Nummer, Datum, Beschreibung, Modalität, Auftragsnummer oder Dateiname (Ctrl+F). Eingabe nimmt die erste, Esc löscht.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Name of the new model</source>
   <translation>Name des neuen Modells</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Name, number, dates and descriptions are left out of preview and files.</source>
   <translation>Name, Nummer, Daten und Beschreibungen fehlen in Vorschau und Dateien.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Name, view, window and spacing in the corners of the panels.</source>
   <translation>Name, Projektion, Fensterung und Pixelabstand in den Ecken der Felder.</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>Neither a folder nor a .csv list.</source>
   <translation>Weder ein Ordner noch eine .csv-Liste.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>New key</source>
   <translation>Neue Taste</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>New key for “{command}”:</source>
   <translation>Neue Taste für „{command}“:</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>New model</source>
   <translation>Neues Modell</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>New run</source>
   <translation>Neuer Lauf</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>New window</source>
   <translation>Neue Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Next film</source>
   <translation>Nächste Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next finding</source>
   <translation>Nächster Befund</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next image</source>
   <translation>Nächstes Bild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next image that stands out</source>
   <translation>Nächstes auffälliges Bild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next presentation state, or as the file says</source>
   <translation>Nächster Darstellungszustand, oder wie in der Datei</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next series</source>
   <translation>Nächste Serie</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Next viewport</source>
   <translation>Nächstes Fenster</translation>
  </message>
  <message>
   <location filename="viewer/shortcut_sheet.py" />
   <source>No command and no key holds these words.</source>
   <translation>Kein Befehl und keine Taste enthält diese Wörter.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>No date</source>
   <translation>Kein Datum</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>No description</source>
   <translation>Ohne Beschreibung</translation>
  </message>
  <message>
   <location filename="viewer/desk.py" />
   <source>No earlier study of this patient that could be compared is open.</source>
   <translation>Keine frühere Untersuchung dieses Patienten, die sich vergleichen ließe, ist geöffnet.</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>No film</source>
   <translation>Keine Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>No film is left out.</source>
   <translation>Keine Aufnahme ist ausgelassen.</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>No functional groups</source>
   <translation>Keine Funktionsgruppen</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>No image is in this folder.</source>
   <translation>In diesem Ordner ist kein Bild.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>No image is open.</source>
   <translation>Kein Bild ist geöffnet.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/tag_browser.py" />
   <source>No image is shown.</source>
   <translation>Kein Bild wird gezeigt.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>No key</source>
   <translation>Keine Taste</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>No model for these films is in use to compare with.</source>
   <translation>Für diese Aufnahmen ist kein Modell zum Vergleichen in Gebrauch.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>No model for this film is installed.</source>
   <translation>Kein Modell für diese Aufnahme ist installiert.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>No name</source>
   <translation>Ohne Namen</translation>
  </message>
  <message>
   <location filename="viewer/study_painter.py" />
   <source>No picture: {why}</source>
   <translation>Kein Bild: {why}</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <source>No pixel of the image lies in this box: the window stays as it is.</source>
   <translation>In diesem Rechteck liegt kein Bildpunkt: Die Fensterung bleibt, wie sie ist.</translation>
  </message>
  <message>
   <location filename="viewer/training_process.py" />
   <source>No process could be started: {why}.</source>
   <translation>Es konnte kein Prozess gestartet werden: {why}.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>No run yet. A new one begins under New run.</source>
   <translation>Noch kein Lauf. Ein neuer beginnt unter „Neuer Lauf“.</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>No scores: {reason}</source>
   <translation>Keine Werte: {reason}</translation>
  </message>
  <message>
   <location filename="viewer/view_actions.py" />
   <source>No series is open.</source>
   <translation>Keine Serie ist geöffnet.</translation>
  </message>
  <message>
   <location filename="viewer/settings_dialog.py" />
   <source>No setting holds these words.</source>
   <translation>Keine Einstellung enthält diese Wörter.</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>No study matches “{words}”.</source>
   <translation>Keine Untersuchung passt zu „{words}“.</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>No study was opened before</source>
   <translation>Noch keine Untersuchung wurde geöffnet</translation>
  </message>
  <message>
   <location filename="viewer/training_process.py" />
   <source>No training process could be started: {why}.</source>
   <translation>Es konnte kein Trainingsprozess gestartet werden: {why}.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Not analyzed yet.</source>
   <translation>Noch nicht analysiert.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Not analyzed: a colour image.</source>
   <translation>Nicht analysiert: ein Farbbild.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Not analyzed: {modality} is no plain radiograph.</source>
   <translation>Nicht analysiert: {modality} ist keine Röntgenaufnahme.</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>Not linked, as you chose. Click to link it again</source>
   <translation>Nicht gekoppelt, wie gewählt. Klicken koppelt wieder</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>Not linked: no shared frame of reference. Click to link by hand, as the images stand now</source>
   <translation>Nicht gekoppelt: kein gemeinsames Bezugssystem. Klicken koppelt von Hand, wie die Bilder jetzt stehen</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Not passed. The model in use stays.</source>
   <translation>Nicht bestanden. Das benutzte Modell bleibt.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Not suitable for these models.</source>
   <translation>Für diese Modelle nicht geeignet.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Not suitable for this model.</source>
   <translation>Für dieses Modell nicht geeignet.</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Note on this finding</source>
   <translation>Notiz zu diesem Befund</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Note on this finding…</source>
   <translation>Notiz zu diesem Befund …</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Nothing</source>
   <translation>Nichts</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Nothing above the threshold.</source>
   <translation>Nichts über dem Schwellenwert.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Nothing has happened in this folder yet</source>
   <translation>In diesem Ordner ist noch nichts geschehen</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Nothing here speaks of “{words}”.</source>
   <translation>Hier ist nirgends von „{words}“ die Rede.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Nothing is kept any more of what you decided about images.</source>
   <translation>Von Ihren Entscheidungen über Bilder ist nichts mehr aufbewahrt.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <location filename="viewer/study_browser.py" />
   <source>Nothing is open.</source>
   <translation>Nichts ist geöffnet.</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>Nothing leaves this computer, and nothing above the threshold does not mean healthy.</source>
   <translation>Nichts verlässt diesen Computer, und nichts über dem Schwellenwert heißt nicht gesund.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Nothing was odd in this series.</source>
   <translation>An dieser Serie war nichts auffällig.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Nothing was odd, and no file was skipped.</source>
   <translation>Nichts war auffällig, und keine Datei wurde übersprungen.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Numbers</source>
   <translation>Zahlen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Numbers appear with the first evaluation.</source>
   <translation>Zahlen erscheinen mit der ersten Auswertung.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Numbers of the preset that can be changed</source>
   <translation>Zahlen der Voreinstellung, die sich ändern lassen</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <location filename="viewer/wish.py" />
   <source>ORIGINAL</source>
   <translation>ORIGINAL</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>OTHER STUDY · {what}</source>
   <translation>ANDERE UNTERSUCHUNG · {what}</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Of menus, panels and dialogs; system takes that of the computer. Takes effect at the next start.</source>
   <translation>Der Menüs, Felder und Dialoge; system nimmt die des Computers. Gilt ab dem nächsten Start.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Of the tool bar, in pixels. Applies at once.</source>
   <translation>In der Werkzeugleiste, in Pixeln. Gilt sofort.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>On the labelled test films, after the end:</source>
   <translation>An den beschrifteten Testaufnahmen, nach dem Ende:</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>One film is left out, {example}: {reason}</source>
   <translation>Eine Aufnahme ist ausgelassen, {example}: {reason}</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>One slice</source>
   <translation>Eine Schicht</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>One slice, or the maximum, minimum or mean of a thick slab</source>
   <translation>Eine Schicht, oder Maximum, Minimum oder Mittel einer dicken Schicht</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>One to one</source>
   <translation>Eins zu eins</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>One viewport</source>
   <translation>Ein Fenster</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Only specks above the threshold.</source>
   <translation>Nur Flecken über dem Schwellenwert.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Only the difference</source>
   <translation>Nur die Differenz</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Only the healthy twin</source>
   <translation>Nur der gesunde Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Only the original</source>
   <translation>Nur das Original</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Only weights are read; nothing else in the file is run. The model is uncalibrated until you calibrate it on healthy films of your own site.</source>
   <translation>Nur Gewichte werden gelesen; nichts anderes in der Datei wird ausgeführt. Das Modell ist unkalibriert, bis Sie es an gesunden Aufnahmen Ihres Hauses kalibrieren.</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Only {model_name}</source>
   <translation>Nur {model_name}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Opacity</source>
   <translation>Deckkraft</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Opacity (Q and E)</source>
   <translation>Deckkraft (Q und E)</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Open a study, or a folder here, to compare on its films.</source>
   <translation>Öffnen Sie eine Untersuchung oder hier einen Ordner, um an seinen Aufnahmen zu vergleichen.</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Open an image and wait for its analysis.</source>
   <translation>Öffnen Sie ein Bild und warten Sie auf seine Analyse.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Open demo study</source>
   <translation>Demo-Untersuchung öffnen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Open files</source>
   <translation>Dateien öffnen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Open files…</source>
   <translation>Dateien öffnen …</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Open folder</source>
   <translation>Ordner öffnen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/first_steps.py" />
   <location filename="viewer/invitation.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Open folder…</source>
   <translation>Ordner öffnen …</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>Open recent</source>
   <translation>Zuletzt geöffnet</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Open run folder</source>
   <translation>Ordner eines Laufs öffnen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Open run folder…</source>
   <translation>Ordner eines Laufs öffnen …</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <location filename="viewer/invitation.py" />
   <source>Open the demo study</source>
   <translation>Demo-Untersuchung öffnen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/model_comparison.py" />
   <source>Open {name}</source>
   <translation>{name} öffnen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Opinion in front</source>
   <translation>Meinung im Vordergrund</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Order of patients, studies and series</source>
   <translation>Reihenfolge der Patienten, Untersuchungen und Serien</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <location filename="viewer/series_menu.py" />
   <source>Order of the images</source>
   <translation>Reihenfolge der Bilder</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Order of the list</source>
   <translation>Reihenfolge der Liste</translation>
  </message>
  <message>
   <location filename="viewer/film_caption.py" />
   <source>Order: {order}</source>
   <translation>Reihenfolge: {order}</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <location filename="viewer/first_steps.py" />
   <source>Original</source>
   <translation>Original</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Original ↔ twin while held</source>
   <translation>Original ↔ Zwilling, solange gehalten</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Original ↔ twin, blinking</source>
   <translation>Original ↔ Zwilling, blinkend</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <source>Outline only</source>
   <translation>Nur Umriss</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Outlines instead of colour (O)</source>
   <translation>Umrisse statt Farbe (O)</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Overlays</source>
   <translation>Overlays</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Overlays and graphics</source>
   <translation>Overlays und Grafik</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Own keys</source>
   <translation>Eigene Tasten</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Own window</source>
   <translation>Eigene Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>PRIOR {date}</source>
   <translation>VORAUFNAHME {date}</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Page {number} of {count}</source>
   <translation>Seite {number} von {count}</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/settings_dialog.py" />
   <source>Pages</source>
   <translation>Seiten</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Pages of the report</source>
   <translation>Seiten des Berichts</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Pan</source>
   <translation>Verschieben</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Panel or viewport in a window of its own, or back</source>
   <translation>Feld in ein eigenes Fenster, oder zurück</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Passed. It is in use from now on: {path}</source>
   <translation>Bestanden. Es ist ab jetzt in Gebrauch: {path}</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Passed. Taking it into use…</source>
   <translation>Bestanden. Es wird in Gebrauch genommen …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Patients</source>
   <translation>Patienten</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <location filename="viewer/trainer_progress.py" />
   <source>Pause</source>
   <translation>Anhalten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Paused</source>
   <translation>Angehalten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Pictures</source>
   <translation>Bilder</translation>
  </message>
  <message>
   <location filename="viewer/sample_view.py" />
   <source>Pictures appear with the first evaluation.</source>
   <translation>Bilder erscheinen mit der ersten Auswertung.</translation>
  </message>
  <message>
   <location filename="viewer/volume_planes.py" />
   <source>Plane: {name}</source>
   <translation>Ebene: {name}</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Planes along the patient's axes, or along the slices as they were acquired</source>
   <translation>Ebenen entlang der Achsen des Patienten, oder entlang der Schichten, wie sie aufgenommen wurden</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Play</source>
   <translation>Abspielen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Play faster</source>
   <translation>Schneller abspielen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Play or pause</source>
   <translation>Abspielen oder anhalten</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Play or pause (C)</source>
   <translation>Abspielen oder anhalten (C)</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Play slower</source>
   <translation>Langsamer abspielen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Preparing the models</source>
   <translation>Modelle werden vorbereitet</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Presentation state</source>
   <translation>Darstellungszustand</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Preset</source>
   <translation>Voreinstellung</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Preset</source>
   <comment>window</comment>
   <translation>Fenster</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 1</source>
   <translation>Voreinstellung 1</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 2</source>
   <translation>Voreinstellung 2</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 3</source>
   <translation>Voreinstellung 3</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 4</source>
   <translation>Voreinstellung 4</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 5</source>
   <translation>Voreinstellung 5</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 6</source>
   <translation>Voreinstellung 6</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 7</source>
   <translation>Voreinstellung 7</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 8</source>
   <translation>Voreinstellung 8</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Preset 9</source>
   <translation>Voreinstellung 9</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Presets</source>
   <translation>Voreinstellungen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Previous finding</source>
   <translation>Voriger Befund</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Previous image</source>
   <translation>Voriges Bild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Previous image that stands out</source>
   <translation>Voriges auffälliges Bild</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Previous series</source>
   <translation>Vorige Serie</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Previous viewport</source>
   <translation>Voriges Fenster</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Prior beside, then the next older one</source>
   <translation>Voraufnahme daneben, dann die nächstältere</translation>
  </message>
  <message>
   <location filename="viewer/settings_pages.py" />
   <source>Privacy</source>
   <translation>Datenschutz</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Probe</source>
   <translation>Messpunkt</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Processor cores</source>
   <translation>Prozessorkerne</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Program</source>
   <translation>Programm</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Progress of the run</source>
   <translation>Fortschritt des Laufs</translation>
  </message>
  <message>
   <location filename="viewer/volume_planes.py" />
   <source>Projecting the {plane} plane</source>
   <translation>Ebene {plane} wird projiziert</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Put the report together</source>
   <translation>Bericht zusammenstellen</translation>
  </message>
  <message>
   <location filename="viewer/settings_dialog.py" />
   <source>Puts the program's own values into all pages; OK or Apply takes them.</source>
   <translation>Setzt auf allen Seiten die Werte des Programms ein; OK oder Anwenden übernimmt sie.</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Putting the report together</source>
   <translation>Bericht wird zusammengestellt</translation>
  </message>
  <message>
   <location filename="viewer/support_desk.py" />
   <source>Putting the text for support together</source>
   <translation>Text für die Hilfe wird zusammengestellt</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>P{place}: {share} of healthy films peak lower everywhere</source>
   <translation>P{place}: {share} der gesunden Aufnahmen haben überall eine niedrigere Spitze</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Quit</source>
   <translation>Beenden</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Radius of the circle that shows the twin under the cursor, in pixels.</source>
   <translation>Radius des Kreises, der unter dem Zeiger den Zwilling zeigt, in Pixeln.</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Read again</source>
   <translation>Neu lesen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Read first</source>
   <translation>Erst lesen</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Read on</source>
   <translation>Weiterlesen</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Read the attributes</source>
   <translation>Attribute lesen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Read the hanging protocols</source>
   <translation>Hängeprotokolle lesen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Read the presentation states</source>
   <translation>Darstellungszustände lesen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Reading ahead: {name}</source>
   <translation>Vorauslesen: {name}</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Reading attributes</source>
   <translation>Attribute werden gelesen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Reading back your decisions</source>
   <translation>Ihre Entscheidungen werden zurückgelesen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Reading for the analysis: {name}</source>
   <translation>Für die Analyse wird gelesen: {name}</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Reading presentation states</source>
   <translation>Darstellungszustände werden gelesen</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Reading slices</source>
   <translation>Schichten werden gelesen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Reading the image…</source>
   <translation>Bild wird gelesen …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Reading the run…</source>
   <translation>Lauf wird gelesen …</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Reading the series …</source>
   <translation>Serie wird gelesen …</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/model_comparison.py" />
   <location filename="viewer/volume_window.py" />
   <source>Reading {name}</source>
   <translation>{name} wird gelesen</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <location filename="viewer/side_view.py" />
   <location filename="viewer/tag_browser.py" />
   <source>Reading {name} …</source>
   <translation>{name} wird gelesen …</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>Reading …</source>
   <translation>Wird gelesen …</translation>
  </message>
  <message>
   <location filename="viewer/job_bar.py" />
   <source>Ready</source>
   <translation>Bereit</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/screen_page.py" />
   <source>Real size</source>
   <translation>Wahre Größe</translation>
  </message>
  <message>
   <location filename="viewer/real_size.py" />
   <source>Real size is not possible: the file states no pixel spacing.</source>
   <translation>Wahre Größe ist nicht möglich: Die Datei nennt keinen Pixelabstand.</translation>
  </message>
  <message>
   <location filename="viewer/real_size.py" />
   <source>Real size is not possible: this screen does not say how large it is. Measure it with a bank card under File, Settings, Screen.</source>
   <translation>Wahre Größe ist nicht möglich: Dieser Bildschirm sagt nicht, wie groß er ist. Messen Sie ihn mit einer Bankkarte unter Datei, Einstellungen, Bildschirm.</translation>
  </message>
  <message>
   <location filename="viewer/real_size.py" />
   <source>Real size. Spacing of the image: {source}; size of the screen: {screen}.</source>
   <translation>Wahre Größe. Pixelabstand des Bildes: {source}; Größe des Bildschirms: {screen}.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Rectangle</source>
   <translation>Rechteck</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Red rows are not taken: they need a modality, a name, a width from 1 on and a centre.</source>
   <translation>Rote Zeilen werden nicht übernommen: Sie brauchen Modalität, Namen, eine Breite ab 1 und eine Mitte.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Redo</source>
   <translation>Wiederholen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <location filename="viewer/actions.py" />
   <source>Reference lines</source>
   <translation>Referenzlinien</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Remember studies</source>
   <translation>Untersuchungen merken</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Remove</source>
   <translation>Entfernen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Remove all marks</source>
   <translation>Alle Markierungen entfernen</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Report</source>
   <translation>Bericht</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Reports carry no name, number or birth date of the patient.</source>
   <translation>Berichte tragen weder Namen, Nummer noch Geburtsdatum des Patienten.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Report…</source>
   <translation>Bericht …</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Research use only. Not for diagnosis.</source>
   <translation>Nur für die Forschung. Nicht für die Diagnose.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Reset</source>
   <translation>Zurücksetzen</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Reset all keys</source>
   <translation>Alle Tasten zurücksetzen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Reset the mouse</source>
   <translation>Maus zurücksetzen</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Reset the windows</source>
   <translation>Fensterungen zurücksetzen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Reset view</source>
   <translation>Ansicht zurücksetzen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Resume</source>
   <translation>Fortsetzen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Right click</source>
   <translation>Rechtsklick</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Right drag</source>
   <translation>Rechts ziehen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Role</source>
   <translation>Rolle</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>Round and round</source>
   <translation>Im Kreis</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Runs</source>
   <translation>Läufe</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>SYNTHETIC</source>
   <translation>SYNTHETISCH</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <location filename="viewer/veil.py" />
   <source>SYNTHETIC TWIN</source>
   <translation>SYNTHETISCH</translation>
  </message>
  <message>
   <location filename="viewer/sample_view.py" />
   <source>Sample pictures</source>
   <translation>Beispielbilder</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save HTML</source>
   <translation>HTML speichern</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save HTML…</source>
   <translation>HTML speichern …</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save PDF</source>
   <translation>PDF speichern</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save PDF…</source>
   <translation>PDF speichern …</translation>
  </message>
  <message>
   <location filename="viewer/shortcut_sheet.py" />
   <source>Save as PDF…</source>
   <translation>Als PDF speichern …</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Save as text</source>
   <translation>Als Text speichern</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save pictures into a folder</source>
   <translation>Bilder in einen Ordner speichern</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Save pictures…</source>
   <translation>Bilder speichern …</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Save the report</source>
   <translation>Bericht speichern</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Save the settings</source>
   <translation>Einstellungen speichern</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Save the sheet of keys</source>
   <translation>Tastenübersicht speichern</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>Saved: {names}</source>
   <translation>Gespeichert: {names}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Score</source>
   <translation>Score</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>Scores of the series</source>
   <translation>Werte der Serie</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <location filename="viewer/settings_dialog.py" />
   <source>Screen</source>
   <translation>Bildschirm</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Scroll</source>
   <translation>Blättern</translation>
  </message>
  <message>
   <location filename="viewer/shortcut_sheet.py" />
   <source>Search commands and keys</source>
   <translation>Befehle und Tasten durchsuchen</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Search in messages</source>
   <translation>In Meldungen suchen</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Search in messages…</source>
   <translation>In Meldungen suchen …</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Search numbers, names and values…</source>
   <translation>Nummern, Namen und Werte suchen …</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Search sentences, series and files…</source>
   <translation>Sätze, Serien und Dateien suchen …</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/study_browser.py" />
   <source>Search studies</source>
   <translation>Untersuchungen suchen</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Search the attributes</source>
   <translation>Attribute durchsuchen</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Search the notes</source>
   <translation>Hinweise durchsuchen</translation>
  </message>
  <message>
   <location filename="viewer/settings_dialog.py" />
   <source>Search the settings</source>
   <translation>Einstellungen durchsuchen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Searched beside the models that come with the program; empty: a folder of the program's own.</source>
   <translation>Wird neben den mitgelieferten Modellen durchsucht; leer: ein eigener Ordner des Programms.</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Search…</source>
   <translation>Suchen …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>See this model and another one on the same films</source>
   <translation>Dieses und ein anderes Modell auf denselben Aufnahmen sehen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <location filename="viewer/settings_dialog.py" />
   <source>Settings</source>
   <translation>Einstellungen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Settings…</source>
   <translation>Einstellungen …</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Sharp healthy twin</source>
   <translation>Scharfer gesunder Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Shift + left drag</source>
   <translation>Umschalt + links ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Shift + middle drag</source>
   <translation>Umschalt + Mitte ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Shift + right drag</source>
   <translation>Umschalt + rechts ziehen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Shift + wheel</source>
   <translation>Umschalt + Rad</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Show</source>
   <translation>Einblenden</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Show all parts as one stack</source>
   <translation>Alle Teile als einen Stapel zeigen</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Show beside the image</source>
   <translation>Neben dem Bild zeigen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Show marks</source>
   <translation>Markierungen zeigen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Show or hide the heatmap (G)</source>
   <translation>Wärmekarte zeigen oder verbergen (G)</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Show registration</source>
   <translation>Deckung zeigen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Show the film with the model's change added, instead of the network's own, coarser picture.</source>
   <translation>Die Aufnahme mit der Änderung des Modells zeigen, statt des gröberen Bildes des Netzes.</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>Show the parts of the series apart</source>
   <translation>Die Teile der Serie getrennt zeigen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/impression_box.py" />
   <source>Show the twin</source>
   <translation>Zwilling zeigen</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Show this slice in the main window</source>
   <translation>Diese Schicht im Hauptfenster zeigen</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Show where the planes cut each other (X)</source>
   <translation>Zeigen, wo sich die Ebenen schneiden (X)</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Shown after the windows of the file, in this order, on the keys of the presets. Films (DX, CR, MG) have none: their values mean nothing without their own windows.</source>
   <translation>Sie folgen den Fensterungen der Datei, in dieser Reihenfolge, auf den Tasten der Voreinstellungen. Aufnahmen (DX, CR, MG) haben keine: Ihre Werte bedeuten ohne die eigenen Fensterungen nichts.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Shown image: {name}</source>
   <translation>Gezeigtes Bild: {name}</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Shown image: {name}, image {number} of {count}</source>
   <translation>Gezeigtes Bild: {name}, Bild {number} von {count}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Shows</source>
   <translation>Zeigt</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Shows a chest film beside the healthy twin that a model imagines for it, and the difference between the two. No authority has cleared this program; a twin is invented, and what it shows was never seen in the patient. Everything stays on this computer. Licence: Apache-2.0.</source>
   <translation>Zeigt eine Thoraxaufnahme neben dem gesunden Zwilling, den ein Modell dazu erfindet, und die Differenz der beiden. Keine Behörde hat dieses Programm zugelassen; ein Zwilling ist erfunden, und was er zeigt, wurde am Patienten nie gesehen. Alles bleibt auf diesem Computer. Lizenz: Apache-2.0.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <source>Shutter</source>
   <translation>Abdeckung</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Six</source>
   <translation>Sechs</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Size of the healthy lens</source>
   <translation>Größe der gesunden Lupe</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Slab</source>
   <translation>Schichtdicke</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Smaller lens</source>
   <translation>Kleinere Lupe</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Sorting the studies</source>
   <translation>Untersuchungen werden sortiert</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Split of the films</source>
   <translation>Aufteilung der Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Stage {stage}, step {step}; films that no network is trained on:</source>
   <translation>Stufe {stage}, Schritt {step}; Aufnahmen, mit denen kein Netz trainiert wird:</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Stands under the impression in reports.</source>
   <translation>Steht unter der Beurteilung in Berichten.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Start from</source>
   <translation>Beginnen mit</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Start the chosen model as soon as a suitable image is shown.</source>
   <translation>Das gewählte Modell starten, sobald ein geeignetes Bild gezeigt wird.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Start training</source>
   <translation>Training starten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Starting</source>
   <translation>Wird gestartet</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Starting the test…</source>
   <translation>Test wird gestartet …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Starting the training process…</source>
   <translation>Trainingsprozess wird gestartet …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Steps at full size</source>
   <translation>Schritte in voller Größe</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Steps at half size</source>
   <translation>Schritte in halber Größe</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Steps of the core</source>
   <translation>Schritte des Kerns</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_progress.py" />
   <location filename="viewer/volume_window.py" />
   <source>Stop</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <location filename="viewer/series_menu.py" />
   <source>Stop analyzing the series</source>
   <translation>Analyse der Serie beenden</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Stop looking</source>
   <translation>Suche abbrechen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/display_panel.py" />
   <source>Stop the analysis</source>
   <translation>Analyse abbrechen</translation>
  </message>
  <message>
   <location filename="viewer/job_bar.py" />
   <source>Stop the running job</source>
   <translation>Laufende Arbeit abbrechen</translation>
  </message>
  <message>
   <location filename="viewer/job_bar.py" />
   <source>Stop this</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Stopped</source>
   <translation>Beendet</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Stopped.</source>
   <translation>Angehalten.</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <location filename="viewer/study_browser.py" />
   <source>Studies</source>
   <translation>Untersuchungen</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Swap</source>
   <translation>Tauschen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Swipe curtain</source>
   <translation>Vorhang zum Wischen</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Take over NNNNNN-G.ckpt of the published HealthyGAN code, weights only</source>
   <translation>NNNNNN-G.ckpt des veröffentlichten HealthyGAN-Programms übernehmen, nur die Gewichte</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Take the model into use</source>
   <translation>Modell in Gebrauch nehmen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Take the series off the active viewport</source>
   <translation>Serie vom aktiven Fenster nehmen</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>Take this mark away; undo brings it back</source>
   <translation>Diese Markierung entfernen; Rückgängig bringt sie zurück</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>Take this series off the desk</source>
   <translation>Diese Serie vom Tisch nehmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Takes about {low} to {high} on {device} (from a few steps measured now). It can be paused at any time.</source>
   <translation>Dauert etwa {low} bis {high} auf {device} (aus einigen eben gemessenen Schritten). Es kann jederzeit angehalten werden.</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Taking the new model into use</source>
   <translation>Das neue Modell wird in Gebrauch genommen</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Ten images at a time</source>
   <translation>Zehn Bilder auf einmal</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ten images back</source>
   <translation>Zehn Bilder zurück</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Ten images on</source>
   <translation>Zehn Bilder weiter</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Test</source>
   <translation>Testen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Test and use this model…</source>
   <translation>Dieses Modell testen und benutzen …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Test and use…</source>
   <translation>Testen und benutzen …</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <location filename="viewer/acceptance_dialog.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>Test films</source>
   <translation>Testaufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <location filename="viewer/models_window.py" />
   <source>Test {name}</source>
   <translation>{name} testen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/mark_editor.py" />
   <source>Text</source>
   <translation>Text</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Text (*.txt)</source>
   <translation>Text (*.txt)</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Text of the licence</source>
   <translation>Text der Lizenz</translation>
  </message>
  <message>
   <location filename="viewer/mark_editor.py" />
   <source>Text of the mark</source>
   <translation>Text der Markierung</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Text size</source>
   <translation>Schriftgröße</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <location filename="viewer/actions.py" />
   <source>Texts in the corners</source>
   <translation>Texte in den Ecken</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>The analysis failed.</source>
   <translation>Die Analyse ist fehlgeschlagen.</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>The chosen tool</source>
   <translation>Das gewählte Werkzeug</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>The critic</source>
   <translation>Der Kritiker</translation>
  </message>
  <message>
   <location filename="viewer/demo_study.py" />
   <source>The demo study holds only the two synthetic films. For a real chest film as well, install the package pydicom-data (pip install 'healthytwin[demo]').</source>
   <translation>Die Demostudie enthält nur die beiden künstlichen Aufnahmen. Für eine echte Thoraxaufnahme installieren Sie auch das Paket pydicom-data (pip install 'healthytwin[demo]').</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>The file says nothing of time; this rate is the program's, change it as you like</source>
   <translation>Die Datei sagt nichts über die Zeit; diese Rate ist die des Programms und frei änderbar</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>The file's rate, from {source}</source>
   <translation>Die Rate der Datei, aus {source}</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>The films are looked at before the start.</source>
   <translation>Die Aufnahmen werden vor dem Start durchgesehen.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>The films could not be looked at: the answer makes no sense.</source>
   <translation>Die Aufnahmen konnten nicht durchgesehen werden: Die Antwort ergibt keinen Sinn.</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>The finding goes into the report</source>
   <translation>Der Befund kommt in den Bericht</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>The finding stays out of the report</source>
   <translation>Der Befund bleibt aus dem Bericht</translation>
  </message>
  <message>
   <location filename="viewer/invitation.py" />
   <source>The first image shows as soon as it is found. The ✕ in the line at the bottom stops this.</source>
   <translation>Das erste Bild erscheint, sobald es gefunden ist. Das ✕ in der Zeile unten bricht ab.</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>The first {rows}; the file holds more.</source>
   <translation>Die ersten {rows}; die Datei enthält mehr.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>The keys that the command has stay</source>
   <translation>Die Tasten, die der Befehl hat, bleiben</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>The labelled test films are measured when the run is finished.</source>
   <translation>Die beschrifteten Testaufnahmen werden gemessen, wenn der Lauf zu Ende ist.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>The log is empty.</source>
   <translation>Das Protokoll ist leer.</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>The menu</source>
   <translation>Das Menü</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>The new model must be calibrated, raise no more false alarms than its calibration promises, tell ill from healthy, be no worse than the model in use on the same patients, and leave healthy films alone. It takes 10 healthy and 10 ill patients of one source at least, on whom neither model was trained.</source>
   <translation>Das neue Modell muss kalibriert sein, darf nicht öfter falschen Alarm geben, als seine Kalibrierung verspricht, muss Kranke von Gesunden unterscheiden, darf bei denselben Patienten nicht schlechter sein als das benutzte Modell und muss gesunde Aufnahmen in Ruhe lassen. Nötig sind mindestens 10 gesunde und 10 kranke Patienten aus einer Quelle, mit denen keines der Modelle trainiert wurde.</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>The program met an error of its own.</source>
   <translation>Das Programm stieß auf einen eigenen Fehler.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>The program's own key for this command</source>
   <translation>Die Taste des Programms für diesen Befehl</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>The series is not open any more.</source>
   <translation>Die Serie ist nicht mehr geöffnet.</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>The slice of the series in which the crosshair lies (Return)</source>
   <translation>Die Schicht der Serie, in der das Fadenkreuz liegt (Eingabe)</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>The study was taken off the list; if it was moved, open its folder.</source>
   <translation>Die Untersuchung wurde von der Liste genommen; wurde sie verschoben, öffnen Sie ihren Ordner.</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>The test gave an answer that makes no sense.</source>
   <translation>Der Test gab eine Antwort, die keinen Sinn ergibt.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>The training process ended at once; see the log.</source>
   <translation>Der Trainingsprozess endete sofort; siehe Protokoll.</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>The whole value of the chosen row</source>
   <translation>Der ganze Wert der gewählten Zeile</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Then the twin is shown: write at the right ({write}), and press {show}.</source>
   <translation>Danach wird der Zwilling gezeigt: Schreiben Sie rechts ({write}) und drücken Sie {show}.</translation>
  </message>
  <message>
   <location filename="viewer/next_screen.py" />
   <source>There is only one screen.</source>
   <translation>Es gibt nur einen Bildschirm.</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Thickness of the slab</source>
   <translation>Dicke der Schicht</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Thickness of the slab in mm (keys [ and ])</source>
   <translation>Dicke der Schicht in mm (Tasten [ und ])</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>This computer</source>
   <translation>Dieser Computer</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>This computer…</source>
   <translation>Dieser Computer …</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>This does not exist.</source>
   <translation>Das gibt es nicht.</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>This model is uncalibrated: what the threshold costs on healthy films is not known.</source>
   <translation>Dieses Modell ist unkalibriert: was der Schwellenwert auf gesunden Aufnahmen kostet, ist nicht bekannt.</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>This panel alone, or all again</source>
   <translation>Nur diese Ansicht, oder wieder alle</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>This panel shows nothing to export yet.</source>
   <translation>Diese Ansicht zeigt noch nichts, was sich exportieren ließe.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>This run was started without a plan.</source>
   <translation>Dieser Lauf wurde ohne Plan gestartet.</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>This screen does not say how large it is: real size needs a measure.</source>
   <translation>Dieser Bildschirm sagt nicht, wie groß er ist: Die wahre Größe braucht ein Maß.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Threads (0: all)</source>
   <translation>Threads (0: alle)</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>Threads of the program</source>
   <translation>Threads des Programms</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Three beside each other</source>
   <translation>Drei nebeneinander</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Three planes…</source>
   <translation>Drei Ebenen …</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Threshold</source>
   <translation>Schwelle</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Threshold ([ and ]); the mark is the calibrated one</source>
   <translation>Schwelle ([ und ]); die Marke ist die kalibrierte</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Threshold and score from healthy films of your own site</source>
   <translation>Schwellenwert und Score aus gesunden Aufnahmen Ihres Hauses</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Through the images</source>
   <translation>Durch die Bilder</translation>
  </message>
  <message>
   <location filename="viewer/mouse_page.py" />
   <source>Through the images; zooms a single one</source>
   <translation>Durch die Bilder; vergrößert ein einzelnes</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Thumbnail size</source>
   <translation>Größe der Vorschaubilder</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>To and fro</source>
   <translation>Hin und her</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>To the next screen</source>
   <translation>Auf den nächsten Bildschirm</translation>
  </message>
  <message>
   <location filename="viewer/main_window.py" />
   <source>Tools</source>
   <translation>Werkzeuge</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/window_commands.py" />
   <source>Tools</source>
   <comment>menu</comment>
   <translation>Werkzeuge</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>Train a model</source>
   <translation>Modell trainieren</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Train a model…</source>
   <translation>Modell trainieren …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Trained at (pixels)</source>
   <translation>Trainiert mit (Pixel)</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_progress.py" />
   <source>Training</source>
   <translation>Training</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Turn dark and bright round (I)</source>
   <translation>Hell und Dunkel vertauschen (I)</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Turn left</source>
   <translation>Nach links drehen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Turn right</source>
   <translation>Nach rechts drehen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Turn the edge of the curtain</source>
   <translation>Kante des Vorhangs drehen</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Twin</source>
   <comment>menu</comment>
   <translation>Zwilling</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Twin, difference, score and findings of an image stay hidden until you have written an impression of it and pressed Show the twin. First impression, times and later changes are kept with your decisions, on this computer; File, Export reading log writes them as a table.</source>
   <translation>Zwilling, Differenz, Wert und Befunde eines Bildes bleiben verborgen, bis Sie eine Beurteilung geschrieben und „Zwilling zeigen“ gedrückt haben. Erste Beurteilung, Zeiten und spätere Änderungen bleiben bei Ihren Entscheidungen auf diesem Rechner; Datei, „Befundungsprotokoll exportieren“ schreibt sie als Tabelle.</translation>
  </message>
  <message>
   <location filename="viewer/impression_box.py" />
   <source>Twin, difference, score and findings of this image; your impression is kept as the first one</source>
   <translation>Zwilling, Differenz, Wert und Befunde dieses Bildes; Ihre Beurteilung wird als die erste festgehalten</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Twins are synthetic: the model invents them. White is a difference of a quarter of the grey range, or a z of 5. The films are the same at each evaluation.</source>
   <translation>Zwillinge sind synthetisch: Das Modell erfindet sie. Weiß ist eine Differenz von einem Viertel des Graubereichs oder ein z von 5. Die Aufnahmen sind bei jeder Auswertung dieselben.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Two above each other</source>
   <translation>Zwei übereinander</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Two beside each other</source>
   <translation>Zwei nebeneinander</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Two diameters</source>
   <translation>Zwei Durchmesser</translation>
  </message>
  <message>
   <location filename="viewer/film_caption.py" />
   <source>Two images with one UID</source>
   <translation>Zwei Bilder mit einer UID</translation>
  </message>
  <message>
   <location filename="viewer/sign_chooser.py" />
   <source>Two models agree on one kind of difference at a time</source>
   <translation>Zwei Modelle stimmen jeweils über eine Art von Unterschied überein</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Undo accept</source>
   <translation>Doch nicht annehmen</translation>
  </message>
  <message>
   <location filename="viewer/findings_panel.py" />
   <source>Undo dismiss</source>
   <translation>Doch nicht verwerfen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Unpacking {name}</source>
   <translation>{name} wird entpackt</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Up</source>
   <translation>Nach oben</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Use</source>
   <translation>Gebrauch</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Use it</source>
   <translation>Übernehmen</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>Use it, too</source>
   <translation>Auch übernehmen</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>Value</source>
   <translation>Wert</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>Verdict</source>
   <translation>Urteil</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Version</source>
   <translation>Version</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Versions</source>
   <translation>Versionen</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Versions, computer, models and the last messages, without any patient data</source>
   <translation>Versionen, Computer, Modelle und die letzten Meldungen, ohne Patientendaten</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Versions, computer, models and the last messages, without names, numbers, UIDs and paths: values are replaced by marks</source>
   <translation>Versionen, Computer, Modelle und die letzten Meldungen, ohne Namen, Nummern, UIDs und Pfade: Werte sind durch Zeichen ersetzt</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>View</source>
   <comment>menu</comment>
   <translation>Ansicht</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>Viewport beside the first</source>
   <translation>Fenster neben dem ersten</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>Volume of {name}</source>
   <translation>Volumen aus {name}</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Waiting for its turn.</source>
   <translation>Wartet.</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Warnings and errors</source>
   <translation>Warnungen und Fehler</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Weights</source>
   <translation>Gewichte</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>What</source>
   <translation>Was</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>What a model imagines the film would be if it were healthy: invented, never seen in the patient.</source>
   <translation>Was die Aufnahme nach der Vorstellung eines Modells wäre, wenn sie gesund wäre: erfunden, am Patienten nie gesehen.</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>What is compared</source>
   <translation>Was verglichen wird</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>What the cells mean, from the left: {words}</source>
   <translation>Was die Felder bedeuten, von links: {words}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>What the file hides from view (Shift+O)</source>
   <translation>Was die Datei verdeckt (Shift+O)</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>What the three panels show</source>
   <translation>Was die drei Felder zeigen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>What to be wary of</source>
   <translation>Worauf zu achten ist</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>What was odd (Import doctor)</source>
   <translation>Was auffällig war (Importprüfung)</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>What was odd, assumed or skipped</source>
   <translation>Was auffällig war, angenommen oder übergangen wurde</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>What was skipped, and what was odd or assumed: the Import doctor</source>
   <translation>Was übergangen wurde, auffällig war oder angenommen wurde: die Importprüfung</translation>
  </message>
  <message>
   <location filename="viewer/mouse_table.py" />
   <source>Wheel</source>
   <translation>Rad</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Where both agree</source>
   <translation>Wo beide übereinstimmen</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>Where the film is denser than its twin by more than the threshold; hatched parts were not analyzed.</source>
   <translation>Wo die Aufnahme um mehr als den Schwellenwert dichter ist als ihr Zwilling; schraffierte Teile wurden nicht analysiert.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Where the models run; auto takes a graphics card if there is one. Takes effect at the next start.</source>
   <translation>Wo die Modelle rechnen; auto nimmt eine Grafikkarte, wenn es eine gibt. Gilt ab dem nächsten Start.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Where the planes of other viewports cut an image, a dashed line says so.</source>
   <translation>Wo die Ebenen anderer Fenster ein Bild schneiden, sagt es eine gestrichelte Linie.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Where the run stands</source>
   <translation>Wo der Lauf steht</translation>
  </message>
  <message>
   <location filename="viewer/sign_chooser.py" />
   <source>Which differences from the twin are shown</source>
   <translation>Welche Unterschiede zum Zwilling gezeigt werden</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>Which films are shown</source>
   <translation>Welche Aufnahmen gezeigt werden</translation>
  </message>
  <message>
   <location filename="viewer/comparison.py" />
   <source>Which healthy twin is shown: the film with the model's changes, or its raw output</source>
   <translation>Welcher gesunde Zwilling gezeigt wird: die Aufnahme mit den Änderungen des Modells, oder seine rohe Ausgabe</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Which images suit the models</source>
   <translation>Welche Bilder für die Modelle geeignet sind</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Which kind of difference is shown and counted</source>
   <translation>Welche Art der Differenz gezeigt und gezählt wird</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <source>Which licence</source>
   <translation>Welche Lizenz</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>Which messages</source>
   <translation>Welche Meldungen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Which model is asked</source>
   <translation>Welches Modell gefragt wird</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Which opinion is asked first; both together show where they agree.</source>
   <translation>Welche Meinung zuerst gefragt wird; beide zusammen zeigen, wo sie übereinstimmen.</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>Whose films these are</source>
   <translation>Von wem die Aufnahmen sind</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Whose twin, map and threshold are in front</source>
   <translation>Wessen Zwilling, Karte und Schwellenwert im Vordergrund stehen</translation>
  </message>
  <message>
   <location filename="viewer/windows_page.py" />
   <source>Width</source>
   <translation>Breite</translation>
  </message>
  <message>
   <location filename="viewer/screen_page.py" />
   <source>Width of the card</source>
   <translation>Breite der Karte</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Window</source>
   <translation>Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Window center</source>
   <translation>Fenstermitte</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Window of a region</source>
   <translation>Fensterung einer Region</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Window of the file</source>
   <translation>Fensterung der Datei</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Window preset</source>
   <translation>Voreingestellte Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Window width</source>
   <translation>Fensterbreite</translation>
  </message>
  <message>
   <location filename="viewer/settings_dialog.py" />
   <location filename="viewer/window_commands.py" />
   <location filename="viewer/windows_page.py" />
   <source>Windows</source>
   <translation>Fensterungen</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>Windows of the file and of the modality (1 to 9)</source>
   <translation>Fensterungen der Datei und der Modalität (1 bis 9)</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>Windows of the series and presets (keys 0 to 9)</source>
   <translation>Fensterungen der Serie und Voreinstellungen (Tasten 0 bis 9)</translation>
  </message>
  <message>
   <location filename="viewer/kept_decisions.py" />
   <source>Wipe all findings, notes, impressions and drawings that you ever made, of every study? Nothing brings them back. The images themselves stay as they are.</source>
   <translation>Alle Befunde, Notizen, Beurteilungen und Zeichnungen löschen, die Sie je gemacht haben, in jeder Untersuchung? Nichts bringt sie zurück. Die Bilder selbst bleiben, wie sie sind.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>Without names</source>
   <translation>Ohne Namen</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Write findings, notes, impressions and drawings down as you make them, in your own user folder, and show them again with the image. No names, except where you write them. Forget all studies leaves them; File, Forget all decisions wipes them.</source>
   <translation>Befunde, Notizen, Beurteilungen und Zeichnungen werden aufgeschrieben, während Sie sie machen, in Ihrem eigenen Benutzerordner, und mit dem Bild wieder gezeigt. Keine Namen, außer wo Sie welche schreiben. „Alle Untersuchungen vergessen“ lässt sie stehen; Datei, „Alle Entscheidungen vergessen“ löscht sie.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Write impression</source>
   <translation>Beurteilung schreiben</translation>
  </message>
  <message>
   <location filename="viewer/impression_box.py" />
   <source>Write your impression first</source>
   <translation>Schreiben Sie zuerst Ihre Beurteilung</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>Write your impression first.</source>
   <translation>Schreiben Sie zuerst Ihre Beurteilung.</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <location filename="viewer/main_window.py" />
   <source>Write {name}</source>
   <translation>{name} schreiben</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/import_doctor.py" />
   <location filename="viewer/main_window.py" />
   <location filename="viewer/models_window.py" />
   <source>Writing {name}</source>
   <translation>{name} wird geschrieben</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <location filename="viewer/main_window.py" />
   <location filename="viewer/models_window.py" />
   <source>Written: {written}</source>
   <translation>Geschrieben: {written}</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>You decide: accept or dismiss each finding, and write the impression of the report.</source>
   <translation>Sie entscheiden: nehmen Sie jeden Befund an oder verwerfen Sie ihn, und schreiben Sie die Beurteilung für den Bericht.</translation>
  </message>
  <message>
   <location filename="viewer/first_steps.py" />
   <source>Your film, untouched, as its file holds it.</source>
   <translation>Ihre Aufnahme, unverändert, wie die Datei sie enthält.</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Your held-out films (a folder with healthy and abnormal, or a CSV list): a new model is compared with the one in use on these before it is used.</source>
   <translation>Ihre zurückgehaltenen Aufnahmen (ein Ordner mit healthy und abnormal, oder eine CSV-Liste): daran wird ein neues Modell mit dem benutzten verglichen, bevor es benutzt wird.</translation>
  </message>
  <message>
   <location filename="viewer/impression_box.py" />
   <source>Your impression, for the report…</source>
   <translation>Ihre Beurteilung, für den Bericht …</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>Your name</source>
   <translation>Ihr Name</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>Your own models answer by themselves only after they passed a test beside the model in use, on your own held-out films; until then they can be asked by name.</source>
   <translation>Eigene Modelle antworten erst von selbst, wenn sie neben dem benutzten Modell einen Test auf Ihren eigenen zurückgehaltenen Aufnahmen bestanden haben; bis dahin können sie beim Namen gefragt werden.</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <location filename="viewer/mouse_page.py" />
   <location filename="viewer/volume_controls.py" />
   <source>Zoom</source>
   <translation>Vergrößern</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Zoom in</source>
   <translation>Größer</translation>
  </message>
  <message>
   <location filename="viewer/actions.py" />
   <source>Zoom out</source>
   <translation>Kleiner</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>about {time} left</source>
   <translation>noch etwa {time}</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>accepted at {threshold}</source>
   <translation>angenommen bei {threshold}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>adults</source>
   <translation>Erwachsene</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>adversarial</source>
   <translation>adversariell</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>agreement: {sign}</source>
   <translation>Übereinstimmung: {sign}</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>all films</source>
   <translation>alle Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>another model file…</source>
   <translation>eine andere Modelldatei …</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>any age</source>
   <translation>jedes Alter</translation>
  </message>
  <message>
   <location filename="viewer/real_size.py" />
   <source>as it says of itself, not measured</source>
   <translation>wie er von sich sagt, nicht gemessen</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>as scanned</source>
   <translation>wie gescannt</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>at detector</source>
   <translation>am Detektor</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>at detector, corrected for magnification</source>
   <translation>am Detektor, um die Vergrößerung berichtigt</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>at step {done} of {total}</source>
   <translation>bei Schritt {done} von {total}</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>augmentation</source>
   <translation>Augmentierung</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>auto</source>
   <translation>auto</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>batch</source>
   <translation>Stapel</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>behind the shutter</source>
   <translation>hinter der Abdeckung</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>below the threshold now</source>
   <translation>jetzt unter dem Schwellenwert</translation>
  </message>
  <message>
   <location filename="viewer/twin_tools.py" />
   <source>blinking at {rate:g} Hz</source>
   <translation>blinkt mit {rate:g} Hz</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>born</source>
   <translation>geboren</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <location filename="viewer/sign_chooser.py" />
   <source>both</source>
   <translation>both</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>both</source>
   <comment>signs</comment>
   <translation>beides</translation>
  </message>
  <message>
   <location filename="viewer/flat_legend.py" />
   <location filename="viewer/legend.py" />
   <source>both models</source>
   <translation>beide Modelle</translation>
  </message>
  <message>
   <location filename="viewer/title_controls.py" />
   <source>by hand</source>
   <translation>von Hand</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/core_sentences.py" />
   <source>calibrated</source>
   <translation>kalibriert</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>calibration</source>
   <translation>Kalibrierung</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>change on healthy films</source>
   <translation>Änderung an gesunden Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <location filename="viewer/trainer_setup.py" />
   <source>children</source>
   <translation>Kinder</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>click here, then press the key</source>
   <translation>hier klicken, dann die Taste drücken</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>colour</source>
   <translation>Farbe</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>could not be read or analyzed</source>
   <translation>konnte nicht gelesen oder analysiert werden</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>cpu</source>
   <translation>cpu</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>critic imported from</source>
   <translation>Kritiker importiert aus</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>cuda</source>
   <translation>cuda</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/sign_chooser.py" />
   <source>denser</source>
   <translation>dichter</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>denser and more lucent than twin</source>
   <translation>dichter und transparenter als der Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>denser than the twin</source>
   <translation>dichter als der Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>denser than twin</source>
   <translation>dichter als der Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>detail-preserving</source>
   <translation>detailerhaltend</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>device</source>
   <translation>Gerät</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>difference to its healthy twin</source>
   <translation>Differenz zum gesunden Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>end of one arm</source>
   <translation>Ende eines Schenkels</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>end of the other arm</source>
   <translation>Ende des anderen Schenkels</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>error</source>
   <translation>Fehler</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>evening out the slices</source>
   <translation>Schichtabstände werden angeglichen</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>fault</source>
   <translation>Programmfehler</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>file</source>
   <translation>Datei</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>file's rate</source>
   <translation>Rate der Datei</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>films</source>
   <translation>Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>films of any kind, unlabelled</source>
   <translation>Aufnahmen jeder Art, ohne Beschriftung</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>folder or list of healthy films</source>
   <translation>Ordner oder Liste gesunder Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>folder with healthy and abnormal, or list</source>
   <translation>Ordner mit gesunden und auffälligen, oder Liste</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>graphics card if there is one</source>
   <translation>Grafikkarte, falls vorhanden</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>graphics of the state</source>
   <translation>Grafik des Zustands</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>grey range</source>
   <translation>Grauwerte</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>grid</source>
   <translation>Raster</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>healthy twin, synthetic</source>
   <translation>gesunder Zwilling, synthetisch</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>healthygan</source>
   <translation>healthygan</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>heart: outermost point on one side</source>
   <translation>Herz: äußerster Punkt auf einer Seite</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>heart: outermost point on the other side</source>
   <translation>Herz: äußerster Punkt auf der anderen Seite</translation>
  </message>
  <message>
   <location filename="viewer/marks_panel.py" />
   <source>hidden</source>
   <translation>ausgeblendet</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>imported from</source>
   <translation>importiert aus</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>inverted</source>
   <translation>invertiert</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>its own, then those of all images</source>
   <translation>die eigenen, dann die aller Bilder</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>kind</source>
   <translation>Art</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>learning rate</source>
   <translation>Lernrate</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>lesions, film</source>
   <translation>Läsionen, Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>lesions, pixel</source>
   <translation>Läsionen, Pixel</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>line =</source>
   <translation>Linie =</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>lines =</source>
   <translation>Linien =</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>lines: edges of the model's input</source>
   <translation>Linien: Kanten der Eingabe des Modells</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>lite: hours on a processor</source>
   <translation>lite: Stunden auf einem Prozessor</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>loading the model</source>
   <translation>Modell wird geladen</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>lossy</source>
   <translation>verlustbehaftet</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>lower end plate: one end</source>
   <translation>untere Endplatte: ein Ende</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>lower end plate: other end</source>
   <translation>untere Endplatte: anderes Ende</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>lower zone</source>
   <translation>Unterfeld</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>map hidden</source>
   <translation>Karte verborgen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>mask on healthy films</source>
   <translation>Maske an gesunden Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>mask on mixed films</source>
   <translation>Maske an gemischten Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/real_size.py" />
   <source>measured by you</source>
   <translation>von Ihnen gemessen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>merit</source>
   <translation>Güte</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>merit (chooses the step)</source>
   <translation>Güte (wählt den Schritt)</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>middle zone</source>
   <translation>Mittelfeld</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>midline</source>
   <translation>Mittellinie,</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>midline: bottom</source>
   <translation>Mittellinie: unten</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>midline: top</source>
   <translation>Mittellinie: oben</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>mixed against healthy</source>
   <translation>gemischt gegen gesund</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/sign_chooser.py" />
   <source>more lucent</source>
   <translation>transparenter</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>more lucent than the twin</source>
   <translation>transparenter als der Zwilling</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>more lucent than twin</source>
   <translation>transparenter als der Zwilling</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>mps</source>
   <translation>mps</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>name of the new model</source>
   <translation>Name des neuen Modells</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>network output</source>
   <translation>Netzausgabe</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>no key</source>
   <translation>keine Taste</translation>
  </message>
  <message>
   <location filename="viewer/side_view.py" />
   <source>no name</source>
   <translation>kein Name</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>no rate in file</source>
   <translation>keine Rate in Datei</translation>
  </message>
  <message>
   <location filename="viewer/linker.py" />
   <source>no slice here: {mm} mm away</source>
   <translation>hier keine Schicht: {mm} mm entfernt</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>none: the score comes from the map alone</source>
   <translation>keiner: der Score kommt allein aus der Karte</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>not DICOM</source>
   <translation>kein DICOM</translation>
  </message>
  <message>
   <location filename="viewer/flat_legend.py" />
   <location filename="viewer/legend.py" />
   <location filename="viewer/panel.py" />
   <location filename="viewer/probe.py" />
   <source>not analyzed</source>
   <translation>nicht analysiert</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>not analyzed yet</source>
   <translation>noch nicht analysiert</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>not found</source>
   <translation>nicht gefunden</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>not in the map shown</source>
   <translation>nicht in der gezeigten Karte</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>not known</source>
   <translation>unbekannt</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>not loaded yet</source>
   <translation>noch nicht geladen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>not said</source>
   <translation>nicht angegeben</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>not suitable for the model: no opinion</source>
   <translation>für das Modell nicht geeignet: keine Aussage</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>notice</source>
   <translation>Hinweis</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>off scale</source>
   <translation>nicht auf Skala</translation>
  </message>
  <message>
   <location filename="viewer/flat_legend.py" />
   <location filename="viewer/legend.py" />
   <source>only {model}</source>
   <translation>nur {model}</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>optional: folder with healthy and abnormal</source>
   <translation>wahlweise: Ordner mit gesunden und auffälligen</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>overlays hidden</source>
   <translation>Overlays verborgen</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>own rate</source>
   <translation>eigene Rate</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>own window</source>
   <translation>eigene Fensterung</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>p above 0.2: like most healthy films</source>
   <translation>p über 0,2: wie die meisten gesunden Aufnahmen</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>p at most 0.01: at most 1 in 100 healthy films scores as high</source>
   <translation>p höchstens 0,01: höchstens 1 von 100 gesunden Aufnahmen hat einen so hohen Wert</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>p from 0.01 to 0.05: at most 5 in 100 healthy films score as high</source>
   <translation>p von 0,01 bis 0,05: höchstens 5 von 100 gesunden Aufnahmen haben einen so hohen Wert</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>p from 0.05 to 0.2</source>
   <translation>p von 0,05 bis 0,2</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>p {p}: {share} of healthy films peak as high anywhere</source>
   <translation>p {p}: {share} der gesunden Aufnahmen haben irgendwo eine ebenso hohe Spitze</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>padding</source>
   <translation>Auffüllung</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>paper: the published reference, days</source>
   <translation>paper: die veröffentlichte Referenz, Tage</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>part of a larger region now</source>
   <translation>jetzt Teil eines größeren Bereichs</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>patient's axes</source>
   <translation>Achsen des Patienten</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>peak</source>
   <translation>Spitze</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>pixel spacing</source>
   <translation>Pixelabstand</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>pixel spacing unknown</source>
   <translation>Pixelabstand unbekannt</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>plus: wider, better with a graphics card</source>
   <translation>plus: breiter, besser mit Grafikkarte</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>processor</source>
   <translation>Prozessor</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>reading slices</source>
   <translation>Schichten werden gelesen</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>red {}  green {}  blue {}</source>
   <translation>rot {}  grün {}  blau {}</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>resampling</source>
   <translation>Volumen wird neu abgetastet</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>row {row}  column {column}</source>
   <translation>Zeile {row}  Spalte {column}</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>score {score} ({chance}) · highest difference {peak} · threshold {threshold}</source>
   <translation>Score {score} ({chance}) · höchste Differenz {peak} · Schwellenwert {threshold}</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>scratch</source>
   <translation>von Grund auf</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>seed</source>
   <translation>Startwert</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>share of</source>
   <translation>Anteil der</translation>
  </message>
  <message>
   <location filename="viewer/flat_legend.py" />
   <source>share of grey range</source>
   <translation>Anteil des Grauumfangs</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>ships with the program</source>
   <translation>mit dem Programm geliefert</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>show</source>
   <translation>zeigen</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>shown by: {state}</source>
   <translation>gezeigt nach: {state}</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>shown {grey}</source>
   <translation>gezeigt {grey}</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>shows {reached:.1f} /s</source>
   <translation>zeigt {reached:.1f} /s</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>shows …</source>
   <translation>zeigt …</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>shutter open</source>
   <translation>Abdeckung offen</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>slices' own axes</source>
   <translation>Achsen der Schichten</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>software</source>
   <translation>Software</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>sr-anogan</source>
   <translation>sr-anogan</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>started from</source>
   <translation>begonnen mit</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>steps</source>
   <translation>Schritte</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>stored {stored}  value {value}</source>
   <translation>gespeichert {stored}  Wert {value}</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>synthetic</source>
   <translation>synthetisch</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>synthetic lesions, film</source>
   <translation>synthetische Läsionen, Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>synthetic lesions, pixel</source>
   <translation>synthetische Läsionen, Pixel</translation>
  </message>
  <message>
   <location filename="core/settings.py" />
   <source>system</source>
   <translation>system</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>the series</source>
   <translation>die Serie</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>thorax: inner edge of the ribs on one side</source>
   <translation>Thorax: innerer Rippenrand auf einer Seite</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>thorax: inner edge of the ribs on the other side</source>
   <translation>Thorax: innerer Rippenrand auf der anderen Seite</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>threshold</source>
   <translation>Schwelle</translation>
  </message>
  <message>
   <location filename="viewer/flat_legend.py" />
   <source>threshold off scale</source>
   <translation>Schwelle außerhalb der Skala</translation>
  </message>
  <message>
   <location filename="viewer/legend.py" />
   <source>thresholds</source>
   <translation>Schwellen</translation>
  </message>
  <message>
   <location filename="viewer/score_strip.py" />
   <source>tick on top: a region above the calibrated threshold</source>
   <translation>Strich oben: ein Bereich über der kalibrierten Schwelle</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>time</source>
   <translation>Zeit</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>twin {twin}  difference {difference}</source>
   <translation>Zwilling {twin}  Differenz {difference}</translation>
  </message>
  <message>
   <location filename="viewer/about_window.py" />
   <location filename="viewer/model_comparison.py" />
   <source>uncalibrated</source>
   <translation>unkalibriert</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <location filename="viewer/display_panel.py" />
   <source>unknown</source>
   <translation>unbekannt</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>upper end plate: one end</source>
   <translation>obere Endplatte: ein Ende</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>upper end plate: other end</source>
   <translation>obere Endplatte: anderes Ende</translation>
  </message>
  <message>
   <location filename="viewer/finding_words.py" />
   <source>upper zone</source>
   <translation>Oberfeld</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>use</source>
   <translation>Gebrauch</translation>
  </message>
  <message>
   <location filename="viewer/mark_tools.py" />
   <source>vertex</source>
   <translation>Scheitel</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>warning</source>
   <translation>Warnung</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>weights</source>
   <translation>Gewichte</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>when asked by name</source>
   <translation>wenn beim Namen verlangt</translation>
  </message>
  <message>
   <location filename="viewer/models_window.py" />
   <source>when asked by name, uncalibrated</source>
   <translation>wenn beim Namen verlangt, unkalibriert</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>zoom {percent:.0f} %</source>
   <translation>Zoom {percent:.0f} %</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>{count} files</source>
   <translation>{count} Dateien</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>{count} files skipped</source>
   <translation>{count} Dateien übersprungen</translation>
  </message>
  <message>
   <location filename="viewer/trainer_setup.py" />
   <source>{count} films are left out, {like} of them like {example}: {reason}</source>
   <translation>{count} Aufnahmen sind ausgelassen, {like} davon wie {example}: {reason}</translation>
  </message>
  <message>
   <location filename="viewer/report_window.py" />
   <source>{count} pages. {caution}</source>
   <translation>{count} Seiten. {caution}</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>{count} rows</source>
   <translation>{count} Zeilen</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>{count} series with notes, {without} without</source>
   <translation>{count} Serien mit Hinweisen, {without} ohne</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>{count} skipped</source>
   <translation>{count} übersprungen</translation>
  </message>
  <message>
   <location filename="viewer/import_doctor.py" />
   <source>{count} skipped without loss</source>
   <translation>{count} ohne Verlust übersprungen</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>{count} with notes</source>
   <translation>{count} mit Hinweisen</translation>
  </message>
  <message>
   <location filename="viewer/study_browser.py" />
   <source>{done} of {total} files</source>
   <translation>{done} von {total} Dateien</translation>
  </message>
  <message>
   <location filename="viewer/log_window.py" />
   <source>{found} of {all}</source>
   <translation>{found} von {all}</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>{free} of {all}</source>
   <translation>{free} von {all}</translation>
  </message>
  <message>
   <location filename="viewer/acceptance_dialog.py" />
   <source>{healthy} healthy, {abnormal} abnormal</source>
   <translation>{healthy} gesund, {abnormal} auffällig</translation>
  </message>
  <message>
   <location filename="viewer/computer.py" />
   <source>{held} of at most {limit}</source>
   <translation>{held} von höchstens {limit}</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>{key} belongs to “{other}” ({menu}). Use it, and that one loses it; or swap the keys.</source>
   <translation>{key} gehört zu „{other}“ ({menu}). Übernehmen nimmt sie dort weg; Tauschen tauscht die Tasten.</translation>
  </message>
  <message>
   <location filename="viewer/keys_page.py" />
   <source>{key} is a key of this command already.</source>
   <translation>{key} ist schon eine Taste dieses Befehls.</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>{kind} slab</source>
   <translation>{kind}-Block</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>{model} gives no opinion: {why}</source>
   <translation>{model} gibt keine Meinung ab: {why}</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>{model}: compare</source>
   <translation>{model}: Vergleich</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>{model}: score</source>
   <translation>{model}: Score</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>{name} is in use from now on.</source>
   <translation>{name} wird von jetzt an benutzt.</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>{name}; drag on the film changes it as well</source>
   <translation>{name}; Ziehen auf der Aufnahme ändert sie auch</translation>
  </message>
  <message>
   <location filename="viewer/core_sentences.py" />
   <source>{number} moments are written to {name}.</source>
   <translation>{number} Zeitpunkte wurden in {name} geschrieben.</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>{place}
opened {opened}</source>
   <translation>{place}
geöffnet {opened}</translation>
  </message>
  <message>
   <location filename="viewer/run_wish.py" />
   <source>{place} does not exist.</source>
   <translation>{place} gibt es nicht.</translation>
  </message>
  <message>
   <location filename="viewer/recent_menu.py" />
   <source>{place} is no longer there.</source>
   <translation>{place} ist nicht mehr da.</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>{place} of {count} · {name}</source>
   <translation>{place} von {count} · {name}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>{regions:.2f} regions a film</source>
   <translation>{regions:.2f} Regionen je Aufnahme</translation>
  </message>
  <message>
   <location filename="viewer/tag_browser.py" />
   <source>{rows}, reading on …</source>
   <translation>{rows}, es wird weitergelesen …</translation>
  </message>
  <message>
   <location filename="viewer/trainer_window.py" />
   <source>{run} is no run folder. Choose a folder that a training made.</source>
   <translation>{run} ist kein Ordner eines Laufs. Wählen Sie einen Ordner, den ein Training gemacht hat.</translation>
  </message>
  <message>
   <location filename="viewer/volume_controls.py" />
   <source>{slab_mm:.0f} mm</source>
   <translation>{slab_mm:.0f} mm</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>{stage}, step {number:,}</source>
   <translation>{stage}, Schritt {number:,}</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>{state}: not applied</source>
   <translation>{state}: nicht angewandt</translation>
  </message>
  <message>
   <location filename="viewer/trainer_progress.py" />
   <source>{time} since the start</source>
   <translation>seit dem Start {time}</translation>
  </message>
  <message>
   <location filename="viewer/job_bar.py" />
   <source>{title} {done} of {total}</source>
   <translation>{title} {done} von {total}</translation>
  </message>
  <message>
   <location filename="viewer/place_field.py" />
   <source>{title}: {what}. Folders and lists can be dropped here.</source>
   <translation>{title}: {what}. Ordner und Listen können hierher gezogen werden.</translation>
  </message>
  <message>
   <location filename="viewer/messages.py" />
   <source>{tried}: the program met an error of its own. Nothing you opened was changed; the report under Details holds no patient data.</source>
   <translation>{tried}: Im Programm trat ein eigener Fehler auf. Nichts, was Sie geöffnet haben, wurde verändert; der Bericht unter „Details“ enthält keine Patientendaten.</translation>
  </message>
  <message>
   <location filename="viewer/model_comparison.py" />
   <source>{what} ({key}, wheel)</source>
   <translation>{what} ({key}, Mausrad)</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>{words} (, slower   . faster)</source>
   <translation>{words} (, langsamer   . schneller)</translation>
  </message>
  <message>
   <location filename="viewer/display_panel.py" />
   <source>{words} {score:.2f}, uncalibrated</source>
   <translation>{words} {score:.2f}, unkalibriert</translation>
  </message>
  <message>
   <location filename="viewer/volume_window.py" />
   <source>{words} … {done} of {total}</source>
   <translation>{words} … {done} von {total}</translation>
  </message>
  <message>
   <location filename="viewer/stack_bar.py" />
   <source>{words}; click for the other way</source>
   <translation>{words}; Klick für die andere Weise</translation>
  </message>
  <message>
   <location filename="viewer/study_painter.py" />
   <source>… {more} more: see the Import doctor</source>
   <translation>… {more} weitere: siehe Importprüfung</translation>
  </message>
  <message>
   <location filename="viewer/probe.py" />
   <source>≤ P90 here</source>
   <translation>≤ P90 hier</translation>
  </message>
  <message>
   <location filename="viewer/wish.py" />
   <source>★ key image</source>
   <translation>★ Schlüsselbild</translation>
  </message>
 </context>
</TS>
