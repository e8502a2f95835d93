"""Client names of people: browsers, players, podcast apps, readers and devices.

They are of the kinds that the lists of robots are most likely to match by accident: device models
such as Cubot, libraries of apps such as CFNetwork, and companies that run a crawler and a browser.
"""

from __future__ import annotations

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"

PODCAST_APPS = (
    "Podcasts/1410.53 CFNetwork/1111 Darwin/19.0.0 (x86_64)",
    "Подкасты/1520.39 CFNetwork/1206 Darwin/20.1.0",
    "AppleCoreMedia/1.0.0.16G78 (HomePod; U; CPU OS 12_4 like Mac OS X; en_us)",
    "AppleCoreMedia/1.0.0.19E239 (iPhone; U; CPU OS 15_4 like Mac OS X) iOS AP Hermes/90 _app_",
    "iTunes/12.10.9 (Windows; Microsoft Windows 10 x64) AppleWebKit/7609.3005.1003.3",
    "Overcast/3.0 (+http://overcast.fm/; iOS podcast app)",
    "Overcast/2023.4 CFNetwork/1408.0.4 Darwin/22.5.0",
    "Pocket Casts/7.50",
    "Castro 2019.13/1167",
    "Castamatic/5.1.4 (com.gunpmedia.Castamatic; build:3136; iOS 13.1.3) Alamofire/4.9.0",
    "AntennaPod/3.2.0",
    "de.danoeh.antennapod/1.7.3b (Linux;Android 8.0.0) ExoPlayerLib/2.9.3",
    "CastBox/8.19.0 (Linux;Android 10) ExoPlayerLib/2.10.4",
    "PodcastAddict/v5 (+https://podcastaddict.com/; Android podcast app)",
    "Podimo/1.20.1 build 148/Android 29",
    "Podbean/Android generic 1.1.2 (http://podbean.com)",
    "gPodder/3.10.15 (+http://gpodder.org/) Linux/5.4.0-74-generic",
    "Fountain/0.3.13 android https://www.fountain.fm",
    "GooglePodcasts/2.0.10 iPhone/14.6 hw/iPhone12_1",
    "RSSRadio/9710",
    "Player%20FM/588 CFNetwork/1121.2.2 Darwin/19.2.0",
    "Spotify/8.6.50 Android/29 (SM-G973F)",
    "AlexaMediaPlayer/2.0.201528.0 (Linux;Android 5.1.1) ExoPlayerLib/1.5.9",
    "Echo/1.0(APNG)",
    "BBC%20Sounds/1.13.1.7716 CFNetwork/1107.1 Darwin/19.0.0",
    "TuneIn Radio Pro/24.2.1; iPhone13,4; iOS/16.1",
    "sxm-android/7.5.2 motorola/moto-e5-play Android/8.0.0",
    "Yandex.Music/2019-11-01.trunk.5885661",
    "Speedy/138 CFNetwork/596.2.3 Darwin/12.2.0 (x86_64) (Macmini5%2C3)",
    "itunesstored/1.0 iOS/15.4 model/iPhone14,6 hwp/t8110 build/19E241 (6; dt:269)",
    "com.google.android.apps.youtube.music/9.29.54(Linux; U; Android 15; es_US) gzip",
)

PLAYERS = (
    "VLC/3.0.18 LibVLC/3.0.18",
    "foobar2000/1.6.16",
    "Winamp/5.8",
    "Kodi/15.2 (Linux; Android 5.1) Android/5.1.0 Sys_CPU/armv7l App_Bitness/32",
    "Audacious/3.10.1 neon/0.30.2",
    "MPlayer 1.3.0 (Debian), built with gcc-6.2.1",
    "Lavf/60.3.100",
    "Sonos/57.3-79200 (ICRU_iPhone13,4)",
    "GStreamer souphttpsrc 1.18.0 libsoup/2.70.0",
    "Dalvik/2.1.0 (Linux; U; Android 6.0; SMART_4G_Speedy_5inch Build/MRA58K)",
    "Roku4640X/DVP-7.70 (297.70E04154A)",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) AppleWebKit/538.1 (KHTML) TV Safari/538.1",
    "Opera/9.80 NETTV/4.5.0 Mozilla/5.0 (Linux armv7i; CE-HTML/1.0; U; en) (Pioneer,43D1202,wired)",
)

READERS = (
    "Akregator/4.12.3; syndication SUSE",
    "NetNewsWire (macOS; RSS Reader; https://ranchero.com/netnewswire/)",
    "NewsBlur iPad App v3.6",
    "FeedDemon/4.5 (http://www.feeddemon.com/; Microsoft Windows)",
    "Liferea/1.10.6 (Linux; en_US.UTF8; http://liferea.sf.net/) AppleWebKit (KHTML, like Gecko)",
    "ReadKit/2.4.0 (Mac OS X Version 10.9.2 (Build 13C64))",
    "Zotero/6.0.26 (X11; Linux x86_64)",
    "Mendeley Desktop/1.19.8",
    "GoodReaderIPad/3.20.0 CFNetwork/711.3.18 Darwin/14.0.0",
    "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ Kindle/3.0+",
)

BROWSERS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0; Xbox; Xbox One)",
    "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)",
    f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M) {WEBKIT} Chrome/58.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; U; Android 4.2.2; CUBOT_C6W Build/JDQ39) {WEBKIT} Chrome/71.0",
    f"Mozilla/5.0 (Linux; Android 13; Spider 8) {WEBKIT} Chrome/124.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 10; sailfish) {WEBKIT} Chrome/89.0.4389.86 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 9; MOTOROLA E6S) {WEBKIT} Chrome/116.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 6.0; Kohana) {WEBKIT} Chrome/77.0.3865.116 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 11; AUPO Zeus 10 Pro) {WEBKIT} Chrome/122.0.6261.119",
    f"Mozilla/5.0 (Linux; Android 15; PKH120 Build/AP3A.240617.008) {WEBKIT} Chrome/100.0",
    f"Mozilla/5.0 (Linux; Android 10; AGS3; HMSCore 6.1.0.313) {WEBKIT} HuaweiBrowser/11.1",
    f"Mozilla/5.0 (Linux; Android 7.0; TZ184; wv) {WEBKIT} Chrome/61.0 YandexSearch/6.10/apad",
    f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/124.0 YaBrowser/24.6.0.0 Yowser/2.5",
    f"Mozilla/5.0 (Linux; Android 10; M40SE; wv) {WEBKIT} Chrome/80.0 SogouMSE,SogouMobileBrowser",
    f"Mozilla/5.0 (Linux; Android 4.3; SM-N9009) {WEBKIT} baiduboxapp/5.1 (Baidu; P1 4.3)",
    f"Mozilla/5.0 (Linux; Android 10; SM-N960N; wv) {WEBKIT} Chrome/81.0 DaumApps/6.0",
    f"Mozilla/5.0 (Linux; Android 15; SM-X920; wv) {WEBKIT} Chrome/139.0 GoogleApp/16.30",
    f"Mozilla/5.0 (Linux; Android 7.1.2; G011A; wv) {WEBKIT} Chrome/66.0 Viber/11.9.5.8",
    f"Mozilla/5.0 (Linux; Android 9; X20; wv) {WEBKIT} Instagram 237.0 Android (28/9; CUBOT; X20)",
    f"Mozilla/5.0 (iPad; CPU OS 17_2 like Mac OS X) {WEBKIT} QQ/7.2 Pixel/1668 Core/WKWebView",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Code/1.61.2 Chrome/91.0 Electron/13.5.1",
    "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Banca Caboto s.p.a.; rv:11.0) like Gecko",
    "Mozilla/5.0 (X11; Linux x86_64; rv:29.0) Firefox/29.0 SeaMonkey/2.26 Lightning/3.1",
    "Mozilla/5.0 (Macintosh; U; PPC Mac OS X) AppleWebKit/125.5.7 (KHTML) SunriseBrowser/1",
    "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25",
    "ELinks/0.12~pre6 (textmode; Ubuntu; Linux 3.11.0-13-generic i686; 100x25-2)",
    "DoCoMo/1.0/D501i",
    "YHOO YahooMobile/1.0 (com.yahoo.weather; 1.19.0) (Apple; iPhone; iOS/12.0.1);",
)

PEOPLE = (*PODCAST_APPS, *PLAYERS, *READERS, *BROWSERS)
